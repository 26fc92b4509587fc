/** Fixed knowledge: word pairs, opposites, categories, capitals and simple facts. What is known here is trained whole. */

/** Pairs "English/Chinese", one sense each. */
const pairText = `water/水 fire/火 sun/太阳 moon/月亮 star/星星 sky/天空 sea/大海 river/河 mountain/山 tree/树 flower/花 grass/草 leaf/叶子 stone/石头 rain/雨 snow/雪 wind/风 cloud/云
cat/猫 dog/狗 bird/鸟 fish/鱼 horse/马 cow/牛 sheep/羊 pig/猪 chicken/鸡 duck/鸭子 rabbit/兔子 mouse/老鼠 tiger/老虎 lion/狮子 elephant/大象 monkey/猴子 bear/熊 snake/蛇 bee/蜜蜂 panda/熊猫
apple/苹果 banana/香蕉 orange/橙子 grape/葡萄 pear/梨 peach/桃子 lemon/柠檬 rice/米饭 bread/面包 egg/鸡蛋 milk/牛奶 tea/茶 coffee/咖啡 meat/肉 soup/汤 salt/盐 sugar/糖 cake/蛋糕 noodles/面条 dumplings/饺子
red/红色 blue/蓝色 green/绿色 yellow/黄色 black/黑色 white/白色 pink/粉色 brown/棕色 purple/紫色 grey/灰色
one/一 two/二 three/三 four/四 five/五 six/六 seven/七 eight/八 nine/九 ten/十
mother/妈妈 father/爸爸 brother/兄弟 sister/姐妹 friend/朋友 teacher/老师 student/学生 doctor/医生 child/孩子 man/男人 woman/女人 boy/男孩 girl/女孩
house/房子 door/门 window/窗户 table/桌子 chair/椅子 bed/床 lamp/灯 book/书 pen/钢笔 paper/纸 cup/杯子 knife/刀 key/钥匙 clock/钟 phone/手机 computer/电脑 car/汽车 train/火车 bus/公共汽车 plane/飞机 ship/船 bicycle/自行车
school/学校 hospital/医院 shop/商店 library/图书馆 park/公园 road/路 bridge/桥 city/城市 village/村庄 country/国家 world/世界
head/头 hand/手 foot/脚 eye/眼睛 ear/耳朵 nose/鼻子 mouth/嘴 heart/心 hair/头发 tooth/牙齿
day/天 night/夜晚 morning/早上 evening/晚上 today/今天 tomorrow/明天 yesterday/昨天 year/年 month/月 week/星期 hour/小时 minute/分钟 spring/春天 summer/夏天 autumn/秋天 winter/冬天
big/大 small/小 long/长 short/短 new/新 old/旧 good/好 bad/坏 hot/热 cold/冷 fast/快 slow/慢 high/高 low/低 happy/高兴 sad/难过 beautiful/美丽 easy/容易 difficult/难
eat/吃 drink/喝 sleep/睡觉 walk/走 run/跑 read/读 write/写 speak/说 listen/听 look/看 buy/买 sell/卖 love/爱 help/帮助 open/打开 close/关闭 work/工作 learn/学习
name/名字 money/钱 music/音乐 song/歌 picture/图片 letter/信 question/问题 answer/答案 word/词 number/数字 time/时间 dream/梦 gift/礼物 game/游戏 language/语言 story/故事 line/线 dot/点`

export const wordPairs: readonly { en: string; zh: string }[] = pairText.split(/\s+/).map((pair) => {
  const [en, zh] = pair.split('/')
  return { en, zh }
})

/** Phrases with one usual translation. */
export const phrasePairs: readonly { en: string; zh: string }[] = [
  ['Good morning', '早上好'],
  ['Good evening', '晚上好'],
  ['Good night', '晚安'],
  ['Hello', '你好'],
  ['Thank you', '谢谢'],
  ['Goodbye', '再见'],
  ['Sorry', '对不起'],
  ['How are you?', '你好吗？'],
  ['I love you', '我爱你'],
  ['Welcome', '欢迎'],
  ['Happy birthday', '生日快乐'],
  ['Happy New Year', '新年快乐'],
  ['See you tomorrow', '明天见'],
  ['What is your name?', '你叫什么名字？'],
  ['My name is Dotline', '我叫点线'],
  ['I am a student', '我是学生'],
  ['How much is it?', '多少钱？'],
  ['Where is the station?', '车站在哪里？'],
  ['I like tea', '我喜欢茶'],
  ['Have a nice day', '祝你愉快'],
  ['You are welcome', '不客气'],
  ['I do not know', '我不知道'],
  ['Please sit down', '请坐'],
  ['I am hungry', '我饿了'],
].map(([en, zh]) => ({ en, zh }))

const pairs = (text: string): [string, string][] => text.split(/\s+/).map((one) => one.split('/') as [string, string])

export const opposites = {
  en: pairs(`big/small hot/cold long/short new/old good/bad fast/slow high/low happy/sad easy/difficult open/closed full/empty light/dark heavy/light rich/poor strong/weak clean/dirty wet/dry early/late near/far
young/old up/down left/right in/out yes/no day/night black/white begin/end buy/sell win/lose come/go push/pull give/take love/hate true/false wide/narrow thick/thin hard/soft loud/quiet first/last always/never before/after top/bottom north/south east/west inside/outside`),
  zh: pairs(`大/小 热/冷 长/短 新/旧 好/坏 快/慢 高/低 高兴/难过 容易/困难 开/关 满/空 亮/暗 重/轻 富/穷 强/弱 干净/脏 湿/干 早/晚 近/远 上/下 左/右 里/外 白天/黑夜 黑/白 开始/结束 买/卖 赢/输 来/去
推/拉 给/拿 爱/恨 真/假 宽/窄 厚/薄 硬/软 吵闹/安静 前/后 南/北 东/西 胖/瘦 多/少 美/丑 胜利/失败 生/死 进/退`),
}

/** Words that are an opposite in more than one way and are not asked from this side. */
export const ambiguousOpposites = new Set(['light', 'old', 'short'])

export const categories: Record<'en' | 'zh', Record<string, readonly string[]>> = {
  en: {
    animal:
      'cat dog horse rabbit tiger lion elephant monkey bear snake fox wolf whale cow sheep goat pig mouse panda camel deer'.split(
        ' ',
      ),
    fruit: 'apple banana grape pear peach cherry mango strawberry melon plum'.split(' '),
    vegetable: 'carrot potato onion cabbage spinach cucumber pumpkin lettuce radish broccoli'.split(' '),
    colour: 'red blue green yellow black white purple brown grey pink'.split(' '),
    tool: 'hammer saw drill screwdriver axe spade rake wrench'.split(' '),
    country: 'China France Japan Italy Spain Canada Brazil Egypt India Germany'.split(' '),
    vehicle: 'car bus train bicycle ship plane truck taxi tram boat'.split(' '),
  },
  zh: {
    动物: '猫 狗 马 兔子 老虎 狮子 大象 猴子 熊 蛇 狐狸 狼 鲸鱼 牛 羊 猪 老鼠 熊猫 骆驼 鹿'.split(' '),
    水果: '苹果 香蕉 葡萄 梨 桃子 樱桃 芒果 草莓 西瓜 李子'.split(' '),
    蔬菜: '胡萝卜 土豆 洋葱 白菜 菠菜 黄瓜 南瓜 生菜 萝卜 西兰花'.split(' '),
    颜色: '红色 蓝色 绿色 黄色 黑色 白色 紫色 棕色 灰色 粉色'.split(' '),
    工具: '锤子 锯子 电钻 螺丝刀 斧头 铲子 耙子 扳手'.split(' '),
    国家: '中国 法国 日本 意大利 西班牙 加拿大 巴西 埃及 印度 德国'.split(' '),
    交通工具: '汽车 公共汽车 火车 自行车 轮船 飞机 卡车 出租车 电车 小船'.split(' '),
  },
}

/** Country and capital, "English country/English capital/Chinese country/Chinese capital". */
const capitalText = `China/Beijing/中国/北京 France/Paris/法国/巴黎 Japan/Tokyo/日本/东京 Italy/Rome/意大利/罗马 Spain/Madrid/西班牙/马德里 Germany/Berlin/德国/柏林 Russia/Moscow/俄罗斯/莫斯科 Egypt/Cairo/埃及/开罗
India/Delhi/印度/新德里 Greece/Athens/希腊/雅典 Portugal/Lisbon/葡萄牙/里斯本 Austria/Vienna/奥地利/维也纳 Poland/Warsaw/波兰/华沙 Norway/Oslo/挪威/奥斯陆 Sweden/Stockholm/瑞典/斯德哥尔摩 Finland/Helsinki/芬兰/赫尔辛基
Denmark/Copenhagen/丹麦/哥本哈根 Ireland/Dublin/爱尔兰/都柏林 Hungary/Budapest/匈牙利/布达佩斯 Canada/Ottawa/加拿大/渥太华 Mexico/Mexico_City/墨西哥/墨西哥城 Cuba/Havana/古巴/哈瓦那 Peru/Lima/秘鲁/利马 Chile/Santiago/智利/圣地亚哥
Brazil/Brasilia/巴西/巴西利亚 Kenya/Nairobi/肯尼亚/内罗毕 Thailand/Bangkok/泰国/曼谷 Vietnam/Hanoi/越南/河内 Korea/Seoul/韩国/首尔 Australia/Canberra/澳大利亚/堪培拉 England/London/英国/伦敦 Turkey/Ankara/土耳其/安卡拉`

export const capitals: readonly { country: { en: string; zh: string }; capital: { en: string; zh: string } }[] =
  capitalText.split(/\s+/).map((line) => {
    const [enCountry, enCapital, zhCountry, zhCapital] = line.replace('_', ' ').split('/')
    return { country: { en: enCountry, zh: zhCountry }, capital: { en: enCapital, zh: zhCapital } }
  })

/** A question stem, its answer sentence and the words that make it right. */
export interface SimpleFact {
  ask: { en: [string, string, string]; zh: [string, string, string] }
  answer: { en: string; zh: string }
  any: { en: string[]; zh: string[] }
}

const fact = (
  en: [string, string, string],
  zh: [string, string, string],
  enAnswer: string,
  zhAnswer: string,
  enAny: string[],
  zhAny: string[],
): SimpleFact => ({
  ask: { en, zh },
  answer: { en: enAnswer, zh: zhAnswer },
  any: { en: enAny, zh: zhAny },
})

/** Each has two wordings (patterns) to train on and a third one that is held out. */
export const simpleFacts: readonly SimpleFact[] = [
  fact(
    [
      '{What|Which} {colour|color} is the sky?',
      'What colour {does the sky have|is a clear sky}?',
      'Of what colour is the sky by day?',
    ],
    ['天空是什么颜色{的|}？', '晴天的天空是什么颜色？', '白天的天空呈什么颜色？'],
    'The sky is blue.',
    '天空是蓝色的。',
    ['blue'],
    ['蓝'],
  ),
  fact(
    [
      '{What|Which} {colour|color} is {grass|the grass}?',
      'What colour does grass have?',
      'Of what colour is a meadow?',
    ],
    ['草是什么颜色{的|}？', '草地是什么颜色？', '青草呈什么颜色？'],
    'Grass is green.',
    '草是绿色的。',
    ['green'],
    ['绿'],
  ),
  fact(
    ['{What|Which} {colour|color} is {snow|the snow}?', 'What colour does snow have?', 'Of what colour is fresh snow?'],
    ['雪是什么颜色{的|}？', '雪的颜色是什么？', '刚下的雪呈什么颜色？'],
    'Snow is white.',
    '雪是白色的。',
    ['white'],
    ['白'],
  ),
  fact(
    ['{What|Which} {colour|color} is a banana?', 'What colour do bananas have?', 'Of what colour is a ripe banana?'],
    ['香蕉是什么颜色{的|}？', '香蕉的颜色是什么？', '熟香蕉呈什么颜色？'],
    'A banana is yellow.',
    '香蕉是黄色的。',
    ['yellow'],
    ['黄'],
  ),
  fact(
    [
      'How many seasons {are there|are in a year|does a year have}?',
      'How many seasons do we have?',
      'Into how many seasons is the year divided?',
    ],
    ['一年有{几个|多少个}季节？', '一年有几季？', '一年分成多少个季节？'],
    'There are 4 seasons.',
    '一年有4个季节。',
    ['4', 'four'],
    ['4', '四'],
  ),
  fact(
    ['{What are|Name|List} the {four |}seasons{?|.}', 'Which seasons are there?', 'Which seasons make up a year?'],
    ['{说出|列出}{四个季节|四季}。', '四季是哪{四个|些}？', '一年由哪些季节组成？'],
    'The seasons are spring, summer, autumn and winter.',
    '四季是春天、夏天、秋天和冬天。',
    ['spring, summer'],
    ['春天、夏天'],
  ),
  fact(
    ['Which season is {cold|the coldest}?', 'When is it cold?', 'In what season does it freeze most?'],
    ['哪个季节{最冷|很冷}？', '什么季节冷？', '一年里最寒冷的是什么时候？'],
    'Winter is cold.',
    '冬天最冷。',
    ['winter'],
    ['冬'],
  ),
  fact(
    ['Which season is {hot|the hottest}?', 'When is it hot?', 'In what season is the heat greatest?'],
    ['哪个季节{最热|很热}？', '什么季节热？', '一年里最炎热的是什么时候？'],
    'Summer is hot.',
    '夏天最热。',
    ['summer'],
    ['夏'],
  ),
  fact(
    [
      'How many {hours are in a day|hours does a day have}?',
      'How long is a day in hours?',
      'Of how many hours does one day consist?',
    ],
    ['一天有{几个|多少}小时？', '一天是多少小时？', '一昼夜由多少小时组成？'],
    'A day has 24 hours.',
    '一天有24小时。',
    ['24'],
    ['24', '二十四'],
  ),
  fact(
    [
      'How many {minutes are in an hour|minutes does an hour have}?',
      'How long is an hour in minutes?',
      'Of how many minutes does one hour consist?',
    ],
    ['一{小时|个小时}有{几|多少}分钟？', '一小时是多少分钟？', '一个钟头由多少分钟组成？'],
    'An hour has 60 minutes.',
    '一小时有60分钟。',
    ['60', 'sixty'],
    ['60', '六十'],
  ),
  fact(
    [
      'How many {months are in a year|months does a year have}?',
      'How long is a year in months?',
      'Of how many months does one year consist?',
    ],
    ['一年有{几个|多少个}月？', '一年是多少个月？', '一年由多少个月组成？'],
    'A year has 12 months.',
    '一年有12个月。',
    ['12', 'twelve'],
    ['12', '十二'],
  ),
  fact(
    ['How many legs does a {dog|cat} have?', 'How many legs has a horse?', 'On how many legs does a cow stand?'],
    ['{狗|猫}有{几|多少}条腿？', '马有几条腿？', '牛靠几条腿站着？'],
    'Dogs, cats, horses and cows have 4 legs.',
    '狗、猫、马和牛都有4条腿。',
    ['4', 'four'],
    ['4', '四'],
  ),
  fact(
    ['How many legs does a spider have?', 'How many legs has a spider?', 'On how many legs does a spider walk?'],
    ['蜘蛛有{几|多少}条腿？', '一只蜘蛛几条腿？', '蜘蛛靠几条腿走路？'],
    'A spider has 8 legs.',
    '蜘蛛有8条腿。',
    ['8', 'eight'],
    ['8', '八'],
  ),
  fact(
    ['What do {cows|sheep} eat?', 'What does a cow eat?', 'On what does a cow feed?'],
    ['{牛|羊}吃什么？', '牛喜欢吃什么？', '牛以什么为食？'],
    'Cows and sheep eat grass.',
    '牛和羊吃草。',
    ['grass'],
    ['草'],
  ),
  fact(
    ['What do bees make?', 'What {does a bee|do the bees} make?', 'What sweet thing comes from bees?'],
    ['蜜蜂{做|酿|产}什么？', '蜜蜂会酿什么？', '什么甜的东西来自蜜蜂？'],
    'Bees make honey.',
    '蜜蜂酿蜂蜜。',
    ['honey'],
    ['蜜'],
  ),
  fact(
    ['Where does the sun rise?', 'In which direction does the sun rise?', 'On what side does the sun come up?'],
    ['太阳从{哪里|哪边|什么方向}升起？', '日出在哪个方向？', '早晨太阳在哪一侧出现？'],
    'The sun rises in the east.',
    '太阳从东方升起。',
    ['east'],
    ['东'],
  ),
  fact(
    ['Where does the sun set?', 'In which direction does the sun set?', 'On what side does the sun go down?'],
    ['太阳从{哪里|哪边|什么方向}落下？', '日落在哪个方向？', '傍晚太阳在哪一侧消失？'],
    'The sun sets in the west.',
    '太阳从西方落下。',
    ['west'],
    ['西'],
  ),
  fact(
    ['What is ice made of?', 'What does ice become when it is warm?', 'Into what does ice melt?'],
    ['冰是{什么做的|由什么变成的}？', '冰化了变成什么？', '冰融化后是什么？'],
    'Ice is frozen water.',
    '冰是水变成的。',
    ['water'],
    ['水'],
  ),
  fact(
    ['Which planet do we live on?', 'What is the name of our planet?', 'On what planet do people live?'],
    ['我们住在{哪个|什么}星球上？', '我们的星球叫什么？', '人类生活在哪颗行星？'],
    'We live on Earth.',
    '我们住在地球上。',
    ['earth'],
    ['地球'],
  ),
  fact(
    [
      'How many letters {are in the English alphabet|does the English alphabet have}?',
      'How many letters does English have?',
      'Of how many letters does the English alphabet consist?',
    ],
    ['英文有{几个|多少个}字母？', '英语字母有多少个？', '英文字母表由多少个字母组成？'],
    'English has 26 letters.',
    '英文有26个字母。',
    ['26'],
    ['26', '二十六'],
  ),
  fact(
    [
      'How many fingers does a hand have?',
      'How many fingers are on one hand?',
      'Of how many fingers does a hand consist?',
    ],
    ['一只手有{几|多少}根手指？', '一只手几个手指？', '一只手由几根手指组成？'],
    'A hand has 5 fingers.',
    '一只手有5根手指。',
    ['5', 'five'],
    ['5', '五'],
  ),
  fact(
    ['What do we use to {write|write a letter}?', 'With what do you write?', 'What tool is for writing?'],
    ['我们用什么写字？', '写字用什么？', '写信要拿什么工具？'],
    'We write with a pen.',
    '我们用笔写字。',
    ['pen', 'pencil'],
    ['笔'],
  ),
]
