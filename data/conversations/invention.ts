/**
 * Values that no list holds: made-up names, things with a made-up quality, errands and places put together from parts. A model
 * that meets every value a hundred times learns the values; one that meets strange ones learns to copy what it was told.
 */
import { hash, type Random } from './random.ts'

/** What a pool's values are, so that an invented one fits into the same sentences. */
export type ValueKind = 'name' | 'thing' | 'errand' | 'place' | 'colour'

const onsets = 'b br c ch cl d dr f fl g gr h j k kl l m n p pl qu r s sh sk sl st t th tr v w y z'.split(' ')
const vowels = 'a e i o u ai ea ee oa ou'.split(' ')
const codas = ['', '', '', 'n', 'r', 'l', 's', 'm', 'nd', 'rt', 'ck', 'x', 'th', 'ng', 'sk', 'lt']
const qualities =
  'big small old new red blue green white black yellow paper wooden glass silver golden iron stone wool cotton round broken tall short heavy light soft warm cold quiet bright spare tiny huge plain striped empty clean dusty folded'.split(
    ' ',
  )
const nouns =
  'kettle barrel basket blanket bucket cabinet carpet chimney collar compass cradle crayon curtain cushion dagger engine feather fiddle funnel goblet harness helmet hinge jacket jug kennel lantern locket magnet mallet marble mitten napkin oven paddle pebble pedal pillar pipe plough pouch puzzle quilt raft rattle ribbon saddle sandal shovel shutter sieve sponge stamp statue stool thimble thread trumpet tunnel turnip vest wagon wheel whistle zipper acorn almond beetle cabbage carrot falcon ferret garlic gecko heron kitten lizard magpie melon moose mussel newt onion oyster parsley pigeon plum prawn pumpkin radish raven salmon sparrow spider squid toad trout walnut weasel yak'.split(
    ' ',
  )
const verbs =
  'buy find paint sell repair carry draw hide borrow send clean open collect measure count pack return finish copy mend'.split(
    ' ',
  )
const grounds =
  'mill tower square gate hall chapel lighthouse barn inn quay factory cinema pool gallery clinic bank farm stable yard cellar tavern courtyard kitchen lobby canal lake hill forest valley field'.split(
    ' ',
  )

const characters = [
  ...'春夏秋冬山水风云星月日光雨雪花草树木石金银铜铁玉珠竹松柏梅兰菊桃李杏枣梨瓜豆米麦禾田园林海河湖江溪泉井岛岸桥路街巷门窗墙屋楼塔亭台船车马牛羊鸡犬虎龙凤鹤雁燕鱼虾蟹龟兔鹿狐熊狼象猫鼠天地人心手足口目耳红黄蓝绿青紫白黑灰东南西北中上下左右前后里外大小长短高低远近新旧快慢冷热轻重方圆明暗甜酸苦辣香软硬早晚安宁平和乐喜福寿文书画诗歌琴棋笔墨纸砚茶酒盐糖油布衣帽鞋袜伞扇灯镜钟表刀剪针线绳网箱柜桌椅床被枕盆碗盘杯瓶壶锅勺',
]
const zhQualities =
  '大 小 旧 新 红 蓝 绿 白 黑 木 铁 银 竹 石 玻璃 羊毛 塑料 圆 方 破 空 备用的 干净的 便宜的 厚 薄'.split(' ')
const zhNouns =
  '水桶 篮子 毯子 灯笼 指南针 磁铁 弹珠 餐巾 烤箱 船桨 鹅卵石 烟斗 拼图 被子 木筏 丝带 马鞍 凉鞋 铲子 筛子 海绵 邮票 雕像 凳子 顶针 喇叭 背心 马车 轮子 口哨 拉链 橡果 杏仁 甲虫 白菜 胡萝卜 大蒜 壁虎 甜瓜 洋葱 牡蛎 鸽子 李子 南瓜 萝卜 乌鸦 三文鱼 麻雀 蜘蛛 核桃 牦牛 扳手 胶水 地毯 窗帘 闹钟 书架 算盘 风车 水壶 电池'.split(
    ' ',
  )
const zhVerbs = '买 找 画 卖 修 搬 借 寄 洗 收 量 数 还 扔 抄 换 取 送 擦 藏'.split(' ')
const zhGrounds =
  '磨坊 钟楼 广场 城门 礼堂 灯塔 谷仓 客栈 工厂 电影院 游泳池 画廊 诊所 银行 农场 马厩 院子 地窖 茶馆 厨房 大厅 运河边 湖边 山上 树林 山谷 田里 操场 食堂 车库'.split(
    ' ',
  )

const capital = (word: string) => word[0].toUpperCase() + word.slice(1)

function pseudoWord(random: Random): string {
  let word = ''
  for (let syllables = random.pick([1, 2, 2, 2, 3]); syllables > 0; syllables--)
    word += random.pick(onsets) + random.pick(vowels) + random.pick(codas)
  return word.length < 3 ? word + random.pick(['ra', 'no', 'li', 'ton']) : word
}

function english(random: Random, kind: ValueKind): string {
  const thing = () => {
    const noun = random.chance(0.3) ? pseudoWord(random) : random.pick(nouns)
    return random.chance(0.4) ? `${random.pick(qualities)} ${noun}` : noun
  }
  switch (kind) {
    case 'name':
      return capital(pseudoWord(random))
    case 'errand':
      return `${random.pick(verbs)} ${random.pick(['the', 'a', 'my', 'some', 'his', 'our'])} ${thing()}`
    case 'place':
      return `the ${random.chance(0.5) ? `${random.pick(qualities)} ` : ''}${random.pick(grounds)}`
    case 'colour':
      return random.chance(0.5)
        ? `${random.pick(['dark', 'light', 'pale', 'deep'])} ${random.pick(['amber', 'crimson', 'beige', 'teal', 'khaki', 'ivory', 'lilac', 'olive', 'coral', 'navy'])}`
        : pseudoWord(random)
    default:
      return thing()
  }
}

function chinese(random: Random, kind: ValueKind): string {
  const some = (count: number) => Array.from({ length: count }, () => random.pick(characters)).join('')
  const thing = () => {
    const noun = random.chance(0.35) ? some(random.int(1, 3)) : random.pick(zhNouns)
    return random.chance(0.4) ? random.pick(zhQualities) + noun : noun
  }
  switch (kind) {
    case 'name':
      return some(random.int(2, 3))
    case 'errand':
      return random.pick(zhVerbs) + random.pick(['', '', '一个', '那个', '我的', '新']) + thing()
    case 'place':
      return (
        (random.chance(0.3) ? random.pick(['老', '新', '东', '南', '西', '北', '小']) : '') + random.pick(zhGrounds)
      )
    case 'colour':
      return `${some(random.int(1, 2))}色`
    default:
      return thing()
  }
}

/** A value of the kind that is in no list; the same random state gives the same value. */
export function invent(random: Random, language: 'en' | 'zh', kind: ValueKind): string {
  return language === 'en' ? english(random, kind) : chinese(random, kind)
}

/** Whether the value belongs to the held-out sixth, in every list. */
export function heldValue(value: string): boolean {
  return hash(`value ${value}`) % 6 === 0
}
