/** People's names: English given names, and Chinese names composed from surnames and given characters. */
import { hash } from './random.ts'
import { Pool } from './skill.ts'

const english = `Aaron Abby Ada Adam Adele Adrian Agnes Aidan Alan Albert Alec Alex Alice Alicia Alma Alvin Amanda Amber Amelia Amy Andrea
Andrew Angela Anita Anna Anne Anthony April Ariel Arnold Arthur Ashley Audrey Austin Ava Barbara Barry Beatrice Becky Bella Ben Bernard Beth Betty
Beverly Bill Blake Bob Bonnie Brad Brandon Brenda Brian Bridget Bruce Bryan Caleb Calvin Cameron Carl Carla Carlos Carmen Carol Caroline Casey
Catherine Cecil Celia Chad Charles Charlotte Chelsea Chloe Chris Christina Cindy Claire Clara Clark Claude Clay Cliff Clive Cole Colin Connor Cora Craig
Crystal Curtis Cynthia Daisy Dale Dan Dana Daniel Darren Dave David Dawn Dean Debbie Declan Della Dennis Derek Diana Dolores Don Donna Dora Doris Dorothy
Douglas Duncan Dwight Dylan Earl Eddie Edgar Edith Edward Edwin Eileen Elaine Eleanor Elena Eli Elijah Elisa Elizabeth Ella Ellen Elliot Elsa Emily
Emma Eric Erica Ernest Esther Ethan Eugene Eva Evan Evelyn Faith Felix Fiona Flora Florence Frances Francis Frank Fred Freya Gabriel Gail Gareth Gary
Gemma Gene George Gerald Gilbert Gina Glen Gloria Gordon Grace Graham Grant Greg Greta Gwen Hannah Harold Harriet Harry Harvey Hazel Heather Heidi Helen
Henry Herbert Holly Hope Howard Hugh Hugo Ian Ida Irene Iris Isaac Isabel Isla Ivan Ivy Jack Jacob Jade James Jamie Jane Janet Jasmine Jason Jasper
Jean Jeff Jenny Jeremy Jerry Jesse Jessica Jill Jim Joan Joanna Joe Joel John Jonas Jordan Joseph Joshua Joyce Juan Judith Judy Julia Julian Julie June
Justin Karen Karl Kate Kathleen Katie Keith Kelly Ken Kevin Kim Kirk Kyle Lance Larry Laura Lauren Lawrence Leah Lena Leo Leon Leonard Leslie Lewis
Liam Lila Lily Linda Lisa Logan Lois Lola Louis Louise Lucas Lucy Luke Luna Lydia Lynn Mabel Madison Maggie Marcus Margaret Maria Marie Marilyn Mario
Mark Martha Martin Marvin Mary Mason Matt Maureen Max Maya Megan Melissa Mia Michael Mike Mila Miles Milton Miriam Molly Monica Morgan Nancy Naomi Natalie
Nathan Neil Nelson Nicholas Nicole Nina Noah Nora Norman Olga Oliver Olivia Oscar Otto Owen Paige Pam Patrick Paul Paula Peggy Penny Perry Peter
Philip Phoebe Polly Quentin Rachel Ralph Ramona Randy Ray Rebecca Rex Rita Robert Robin Rodney Roger Ron Rosa Rose Ross Roy Ruby Rupert Russell Ruth Ryan Sally
Sam Samantha Sandra Sara Scott Sean Selina Seth Shane Sharon Shirley Sidney Silas Simon Sofia Sonia Sophie Stan Stella Stephen Steve Stuart Sue Susan Suzy Sylvia Tara Ted
Teresa Terry Theo Theresa Thomas Tim Tina Todd Tom Tony Tracy Trevor Troy Tyler Una Ursula Valerie Vanessa Vera Vernon Victor Victoria Vincent Viola Violet Virginia
Vivian Wade Walter Wanda Warren Wayne Wendy Wesley Will Winston Xavier Yasmin Yvonne Zachary Zelda Zoe`

const surnames =
  '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文'
const given =
  '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅玲建国志文晓宁雨欣梓涵子轩浩然思琪佳怡一诺雪晴晨阳若曦嘉怀瑾瑜云鹏飞翔宇航博睿天乐心悦诗语安然清越青松柏竹春夏秋冬海波山川林森婷倩颖慧莉薇蕾珊琳瑞祥福寿康健永恒成功立新'

/** 1,200 composed Chinese names of two or three characters. */
function composed(): string[] {
  const names = new Set<string>()
  for (let i = 0; names.size < 1200; i++) {
    const first = given[hash(`given ${i}`) % given.length]
    const second = hash(`length ${i}`) % 4 === 0 ? '' : given[hash(`second ${i}`) % given.length]
    names.add(surnames[hash(`surname ${i}`) % surnames.length] + first + second)
  }
  return [...names]
}

export const englishNames: readonly string[] = english.split(/\s+/)
export const chineseNames: readonly string[] = composed()

/** Names of persons, by language. */
export const personNames = { en: new Pool(englishNames, 'name'), zh: new Pool(chineseNames, 'name') }

const enPets = `Bella Biscuit Bubbles Buddy Button Candy Caramel Charlie Clover Coco Cookie Dash Dusty Echo Fluffy Ginger Honey Jelly Lucky Maple Max Midnight Milo Mocha Muffin
Nugget Olive Oreo Patch Peanut Pepper Pickle Pip Poppy Pumpkin Rocky Rusty Sandy Shadow Smokey Snowy Sparky Spot Sunny Teddy Tiger Toffee Twix Waffle Whiskers Ziggy`
const zhPets =
  '小白 小黑 小花 豆豆 旺财 毛毛 球球 咪咪 布丁 饼干 奶茶 汤圆 可可 乐乐 多多 团子 年糕 土豆 花生 芝麻 糯米 包子 皮皮 嘟嘟 点点 圆圆 小灰 小黄 雪球 米粒 果冻 奶糖 核桃 栗子 小虎 元宝'
export const petNames = { en: new Pool(enPets.split(/\s+/), 'name'), zh: new Pool(zhPets.split(' '), 'name') }
