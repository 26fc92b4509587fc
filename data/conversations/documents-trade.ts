/** Orders and offers. */
import { document, field } from './document-kind.ts'
import { personNames } from './names.ts'
import type { Context } from './skill.ts'
import { cities, colours, products, weekdays } from './words.ts'

const orderNumber = (context: Context) =>
  context.random.pick([
    () => String(context.random.int(1000, 99999)),
    () => `${context.random.pick([...'ABCDEHKMPRT'])}${context.random.int(100, 9999)}`,
  ])()

export const order = document(
  'order',
  (c) => ({
    number: orderNumber(c),
    product: c.draw(c.in(products)),
    price: c.random.int(5, 400),
    name: c.draw(c.in(personNames)),
    day: c.random.pick(c.in(weekdays)),
    city: c.draw(c.in(cities)),
  }),
  {
    en: [
      'Order $number: one $product for $name in $city. The price is $price dollars. It arrives on $day.',
      '$name from $city ordered a new $product for $price dollars. The order number is $number. It will arrive on $day.',
      'Dear $name, thank you for buying the $product. Your order number is $number and the total is $price dollars. We send it to $city on $day.',
      'Receipt. Order: $number. Product: $product. Total: $price dollars. Customer: $name. City: $city. Day: $day.',
      'On $day we bring the $product to $name in $city. It costs $price dollars, order number $number.',
      '$name called about order $number. The $product costs $price dollars and goes to $city on $day.',
      '~Good news, $name! Your $product (order $number, $price dollars) leaves for $city on $day.',
    ],
    zh: [
      '订单$number：$name购买了$product，价格$price元，寄到$city，$day送达。',
      '$city的$name订了一个$product，价格是$price元，订单号是$number，$day送到。',
      '$name您好，感谢您购买$product。您的订单号是$number，一共$price元，我们$day寄到$city。',
      '收据。订单号：$number。商品：$product。总价：$price元。客户：$name。城市：$city。日期：$day。',
      '$day我们把$product送到$city的$name那里，价格$price元，订单号$number。',
      '$name来电询问订单$number，$product价格$price元，$day送到$city。',
      '~好消息，$name！您的$product（订单$number，$price元）$day发往$city。',
    ],
  },
  [
    field(
      'number',
      'order',
      {
        en: [
          'What is the order number?',
          '{Which|What} order number does it have?',
          '{Find|Give me|Tell me} the order number.',
          '~Under which number is the order filed?',
        ],
        zh: ['订单号{是多少|是什么}？', '{找出|告诉我|给我}订单号。', '~这笔订单的编号是什么？'],
      },
      { en: ['The order number is $number.', '$number'], zh: ['订单号是$number。', '$number'] },
    ),
    field(
      'product',
      'product',
      {
        en: [
          'What {was|is} {ordered|bought}?',
          'What did {$name|the customer} {buy|order}?',
          '{Which|What} product is it?',
          '~What thing is being sent?',
        ],
        zh: ['{买了什么|订了什么|是什么商品|买的是什么}？', '{$name|客户}买了什么？', '~寄的是什么东西？'],
      },
      {
        en: ['The product is the $product.', '$name bought the $product.'],
        zh: ['买的是$product。', '$name买了$product。'],
      },
    ),
    field(
      'price',
      'price',
      {
        en: [
          'How much {is it|does it cost|did it cost}?',
          '{What is|What was} the price?',
          '~How many dollars must be paid?',
        ],
        zh: ['{多少钱|价格是多少|一共多少钱|花了多少钱}？', '~要付多少元？'],
      },
      { en: ['It costs $price dollars.', 'The price is $price dollars.'], zh: ['价格是$price元。', '$price元。'] },
    ),
    field(
      'name',
      'name',
      {
        en: [
          'Who {bought it|ordered it|is the customer}?',
          '{What is|Give me} the {name of the customer|customer name}{?|.}',
          '~To whom does the order belong?',
        ],
        zh: ['{谁买的|谁订的|客户是谁|客户叫什么}？', '~这笔订单属于谁？'],
      },
      { en: ['The customer is $name.', '$name'], zh: ['客户是$name。', '$name'] },
    ),
    field(
      'day',
      'day',
      {
        en: [
          '{When|On which day} {does it arrive|does it come|is it sent}?',
          '{What|Which} day is it sent?',
          '~Which weekday is named?',
        ],
        zh: ['{什么时候|星期几|哪天}{到|送|送到}？', '~提到的是星期几？'],
      },
      { en: ['On $day.', 'It is on $day.'], zh: ['$day。', '是$day。'] },
      true,
    ),
    field(
      'city',
      'city',
      {
        en: [
          '{Where does it go|Which city is it sent to|Where is it sent}?',
          '{Which|What} city is {it|named}?',
          '~To what place does it travel?',
        ],
        zh: ['{寄到哪里|寄到哪个城市|送到哪里|哪个城市}？', '~它要去什么地方？'],
      },
      { en: ['It goes to $city.', '$city'], zh: ['寄到$city。', '$city'] },
      true,
    ),
  ],
  { en: '$name ordered the $product.', zh: '$name订了$product。' },
  ['name', 'product'],
)

export const shop = document(
  'offer',
  (c) => ({
    product: c.draw(c.in(products)),
    price: c.random.int(5, 400),
    colour: c.draw(c.in(colours)),
    count: c.random.int(2, 90),
    city: c.draw(c.in(cities)),
    discount: c.random.int(1, 9) * 5,
  }),
  {
    en: [
      'The shop in $city sells the $product in $colour for $price dollars. There are $count left. This week it is $discount percent off.',
      'New in $city: the $colour $product, $price dollars, $discount percent off this week, only $count left.',
      'Offer: $product, colour $colour, price $price dollars, $count left, $discount percent off, shop in $city.',
      'We have $count pieces of the $product in our $city shop. The colour is $colour. It costs $price dollars, with $discount percent off.',
      'Come to $city! The $product in $colour costs $price dollars. The discount is $discount percent. There are $count in the shop.',
      '~This week our $city store takes $discount percent off the $colour $product. The full price is $price dollars and $count are in stock.',
    ],
    zh: [
      '$city的商店出售$colour的$product，价格$price元，还剩$count个，本周优惠百分之$discount。',
      '$city新品：$colour的$product，$price元，本周优惠百分之$discount，只剩$count个。',
      '特价：$product，颜色$colour，价格$price元，剩$count个，优惠百分之$discount，门店在$city。',
      '我们$city的店里有$count个$product，颜色是$colour，价格$price元，优惠百分之$discount。',
      '来$city吧！$colour的$product卖$price元，折扣是百分之$discount，店里有$count个。',
      '~本周我们$city的门店对$colour的$product优惠百分之$discount，原价$price元，库存$count个。',
    ],
  },
  [
    field(
      'price',
      'price',
      {
        en: [
          'How much {is|does} the $product{| cost}?',
          '{What is|What was} the price?',
          '~How many dollars does the $product need?',
        ],
        zh: ['{$product多少钱|价格是多少|$product的价格是多少}？', '~买$product要多少元？'],
      },
      { en: ['It costs $price dollars.', 'The price is $price dollars.'], zh: ['价格是$price元。', '$price元。'] },
    ),
    field(
      'count',
      'left',
      {
        en: ['How many are {left|there|in stock}?', '~What number of pieces remains?'],
        zh: ['{还剩多少个|还有多少个|库存有多少}？', '~剩余的数量是多少？'],
      },
      { en: ['$count are left.', '$count'], zh: ['还剩$count个。', '$count个。'] },
    ),
    field(
      'product',
      'product',
      {
        en: [
          'What {does the shop sell|is sold|is on sale}?',
          '{Which|What} product is it?',
          '~What article is offered?',
        ],
        zh: ['{商店卖什么|卖的是什么|是什么商品}？', '~提供的是什么货品？'],
      },
      { en: ['The shop sells the $product.', 'The $product.'], zh: ['卖的是$product。', '$product。'] },
    ),
    field(
      'discount',
      'discount',
      {
        en: [
          '{How big is|What is} the discount?',
          'How {many percent|much} off is it?',
          '~By what share is it cheaper this week?',
        ],
        zh: ['{优惠多少|折扣是多少|优惠百分之几}？', '~本周便宜了百分之多少？'],
      },
      {
        en: ['$discount percent.', 'The discount is $discount percent.'],
        zh: ['百分之$discount。', '优惠百分之$discount。'],
      },
    ),
    field(
      'city',
      'city',
      {
        en: ['Where is the {shop|store}?', '{Which|What} city is {it|the shop} in?', '~In which town is it sold?'],
        zh: ['{商店在哪里|商店在哪个城市|门店在哪里}？', '~在哪座城里卖？'],
      },
      { en: ['The shop is in $city.', '$city'], zh: ['商店在$city。', '$city'] },
      true,
    ),
  ],
  { en: 'The shop in $city sells the $product.', zh: '$city的商店出售$product。' },
  ['city', 'product'],
)
