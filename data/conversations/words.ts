/** Fillers: things people live in, like, own, plan and buy. */
import type { ValueKind } from './invention.ts'
import { Pool } from './skill.ts'

const list = (text: string) => text.split(/\s*[,，\n]\s*/).filter(Boolean)
const both = (kind: ValueKind, en: string, zh: string) => ({
  en: new Pool(list(en), kind),
  zh: new Pool(list(zh), kind),
})

export const cities = both(
  'name',
  `Paris, London, Rome, Madrid, Berlin, Vienna, Prague, Dublin, Oslo, Lisbon, Athens, Boston, Chicago, Denver, Seattle, Austin, Dallas, Miami, Toronto, Montreal,
Vancouver, Sydney, Melbourne, Perth, Auckland, Tokyo, Osaka, Kyoto, Seoul, Busan, Beijing, Shanghai, Hangzhou, Chengdu, Shenzhen, Xiamen, Mumbai, Delhi, Cairo, Nairobi,
Lima, Bogota, Santiago, Havana, Geneva, Zurich, Munich, Hamburg, Lyon, Nice, Milan, Venice, Naples, Turin, Porto, Seville, Valencia, Krakow, Warsaw, Budapest, Riga, Tallinn,
Helsinki, Bergen, Stockholm, Malmo, Copenhagen, Bristol, Leeds, York, Oxford, Bath, Cardiff, Glasgow, Edinburgh, Belfast, Cork, Portland, Phoenix, Houston, Atlanta, Detroit, Ottawa, Calgary`,
  `北京，上海，广州，深圳，杭州，南京，苏州，成都，重庆，武汉，西安，天津，长沙，郑州，青岛，济南，大连，沈阳，哈尔滨，长春，厦门，福州，宁波，无锡，合肥，南昌，昆明，贵阳，南宁，海口，三亚，桂林，
兰州，银川，西宁，拉萨，太原，石家庄，扬州，绍兴，嘉兴，温州，泉州，珠海，佛山，东莞，洛阳，开封，大理，丽江，烟台，威海，徐州，常州，镇江，潍坊，东京，巴黎，伦敦，纽约`,
)
export const colours = both(
  'colour',
  'red, blue, green, yellow, orange, purple, pink, black, white, brown, grey, silver, gold, turquoise, violet',
  '红色，蓝色，绿色，黄色，橙色，紫色，粉色，黑色，白色，棕色，灰色，银色，金色，青色',
)
export const foods = both(
  'thing',
  `pizza, pasta, rice, noodles, soup, salad, bread, cheese, sushi, curry, tofu, dumplings, pancakes, waffles, tacos, burgers, sandwiches, steak, fish, chicken, potatoes, beans, eggs, yogurt,
ice cream, chocolate, cake, cookies, apple pie, strawberries, mangoes, grapes, bananas, peaches, cherries, popcorn, honey, olives, mushrooms, lentils, porridge, lasagna, omelettes, kebabs`,
  `饺子，面条，米饭，包子，馒头，火锅，豆腐，烤鸭，汤圆，粽子，春卷，炒饭，馄饨，鱼，鸡肉，牛肉，羊肉，虾，土豆，西红柿，茄子，黄瓜，苹果，香蕉，西瓜，葡萄，草莓，桃子，芒果，橙子，蛋糕，巧克力，冰淇淋，饼干，
面包，酸奶，奶酪，披萨，寿司，煎饼，月饼，红烧肉，凉皮，米线`,
)
export const animals = both(
  'thing',
  `cats, dogs, horses, rabbits, pandas, tigers, lions, elephants, foxes, owls, dolphins, whales, penguins, turtles, koalas, bears, wolves, deer, swans, parrots, giraffes, zebras, otters, hedgehogs, eagles, frogs, bees, butterflies, seals, camels`,
  `猫，狗，马，兔子，熊猫，老虎，狮子，大象，狐狸，猫头鹰，海豚，鲸鱼，企鹅，乌龟，考拉，熊，狼，鹿，天鹅，鹦鹉，长颈鹿，斑马，水獭，刺猬，老鹰，青蛙，蜜蜂，蝴蝶，海豹，骆驼`,
)
export const pets = both(
  'thing',
  'cat, dog, rabbit, hamster, parrot, turtle, pony, goldfish, lizard, kitten, puppy, duck',
  '猫，狗，兔子，仓鼠，鹦鹉，乌龟，金鱼，小猫，小狗，鸭子，刺猬',
)
export const jobs = both(
  'thing',
  `teacher, doctor, nurse, driver, farmer, cook, baker, painter, writer, singer, dancer, lawyer, judge, pilot, sailor, engineer, plumber, carpenter, gardener, tailor, waiter, barber, dentist, chemist, librarian,
journalist, photographer, programmer, architect, accountant, translator, mechanic, electrician, musician, designer, firefighter, postman, cashier, scientist, student`,
  `老师，医生，护士，司机，农民，厨师，面包师，画家，作家，歌手，舞蹈演员，律师，法官，飞行员，水手，工程师，水管工，木匠，园丁，裁缝，服务员，理发师，牙医，药剂师，图书管理员，记者，摄影师，程序员，建筑师，会计，翻译，
机械师，电工，音乐家，设计师，消防员，邮递员，收银员，科学家，学生`,
)
export const hobbies = both(
  'thing',
  `reading, swimming, running, cooking, painting, singing, dancing, fishing, hiking, cycling, skiing, gardening, chess, football, tennis, basketball, photography, knitting, sailing, yoga, camping, climbing, drawing, baking, table tennis`,
  `看书，游泳，跑步，做饭，画画，唱歌，跳舞，钓鱼，爬山，骑车，滑雪，种花，下棋，踢足球，打网球，打篮球，摄影，织毛衣，划船，瑜伽，露营，攀岩，书法，烘焙，打乒乓球`,
)
export const plans = both(
  'errand',
  `visit grandma, go to the dentist, buy a new bike, clean the kitchen, write a report, meet a friend, wash the car, plant some trees, read a book, go to the museum, bake a cake, paint the door, call a friend, fix the lamp,
study for an exam, go to the market, take the train home, watch a film, return a book, walk in the park, learn a song, pack the bag, visit the zoo, pay the bill, cook dinner, feed the birds`,
  `去看奶奶，去看牙医，买一辆自行车，打扫厨房，写报告，见一个朋友，洗车，种树，看一本书，去博物馆，做蛋糕，给弟弟打电话，修台灯，准备考试，去市场，坐火车回家，看电影，还书，去公园散步，学一首歌，收拾行李，去动物园，交电费，做晚饭，喂鸟，去爬山`,
)
export const objects = both(
  'thing',
  `apple, book, chair, clock, cup, door, egg, flower, hat, key, lamp, map, pen, phone, plate, ring, shoe, spoon, table, umbrella, window, box, ball, bag, bell, bottle, bowl, brush, button, candle, card, coat, coin, comb, desk, drum, fan, flag,
fork, glass, glove, guitar, hammer, kite, knife, ladder, leaf, letter, lemon, mirror, nail, needle, orange, paper, pear, pencil, piano, pillow, pot, radio, rope, ruler, scarf, shell, shirt, soap, sock, stone, sofa, ticket, towel, tray, vase, violin, wallet, watch`,
  `苹果，书，椅子，钟，杯子，门，鸡蛋，花，帽子，钥匙，台灯，地图，钢笔，手机，盘子，戒指，鞋子，勺子，桌子，雨伞，窗户，箱子，球，包，铃铛，瓶子，碗，刷子，扣子，蜡烛，卡片，外套，硬币，梳子，鼓，风扇，旗子，叉子，玻璃杯，手套，吉他，锤子，风筝，
刀，梯子，叶子，信，柠檬，镜子，钉子，针，橙子，纸，梨，铅笔，钢琴，枕头，锅，收音机，绳子，尺子，围巾，贝壳，衬衫，肥皂，袜子，石头，沙发，票，毛巾，托盘，花瓶，小提琴，钱包，手表`,
)
export const products = both(
  'thing',
  `desk lamp, water bottle, backpack, wool scarf, tea set, rain coat, toy train, garden chair, wall clock, cotton shirt, leather belt, coffee mug, travel bag, kitchen knife, picture frame, bath towel, running shoes, sun hat, phone case, note book, bread box, bird house,
bike helmet, camping tent, paint set, table cloth, flower pot, reading lamp, board game, music box, winter coat, lunch box, soup bowl, book shelf, yoga mat, hand cream`,
  `台灯，水壶，背包，羊毛围巾，茶具，雨衣，玩具火车，花园椅，挂钟，棉衬衫，皮带，咖啡杯，旅行包，菜刀，相框，浴巾，跑鞋，太阳帽，手机壳，笔记本，面包箱，鸟屋，头盔，帐篷，颜料，桌布，花盆，阅读灯，棋盘，音乐盒，棉衣，饭盒，汤碗，书架，瑜伽垫，护手霜`,
)
export const places = both(
  'place',
  'the library, the museum, the office, the school, the park, the station, the market, the hotel, the theatre, the town hall, the hospital, the airport, the bakery, the garden, the harbour, the cafe, the sports hall, the bookshop, the beach, the old bridge',
  '图书馆，博物馆，办公室，学校，公园，火车站，市场，酒店，剧院，市政厅，医院，机场，面包店，花园，码头，咖啡馆，体育馆，书店，海边，老桥边',
)
export const weekdays = {
  en: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  zh: ['星期一', '星期二', '星期三', '星期四', '星期五', '星期六', '星期日'],
}
export const months = {
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  zh: ['一月', '二月', '三月', '四月', '五月', '六月', '七月', '八月', '九月', '十月', '十一月', '十二月'],
}
