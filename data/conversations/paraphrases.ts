/** More ways to say what the topics ask, by the name of their wording; all of them are patterns as in `wording.ts`. */
import { talkParaphrases } from './talk-paraphrases.ts'

export const paraphrases: Readonly<Record<string, { en?: readonly string[]; zh?: readonly string[] }>> = {
  ...talkParaphrases,
  'copy.repeat': {
    en: [
      '{I say this and you repeat it|Repeat what I write|Write exactly|Say exactly|Print|Output|Return}: $text',
      '{Repeat|Copy|Write} the {sentence|text|line|words} {exactly|as it is|without changes}: $text',
      'Say "$text"{.|}',
    ],
    zh: [
      '{我说你重复|重复我写的|准确写出|准确说出|打印|输出|返回}：$text',
      '{把这句话|把这段文字|把这行}{原样|照样|不加改动地}{重复|写出来|抄下来}：$text',
      '说“$text”{。|}',
    ],
  },
  'copy.quote': {
    en: ['{Add|Set|Place} quotation marks {around|about} {this|the text}: $text'],
    zh: ['{加引号|请加上引号|用引号引用}：$text'],
  },
  'copy.twice': {
    en: ['{Repeat|Say} {the word |}$text two times{.|, please.}', '{Double|Two times}: $text'],
    zh: ['$text，{说两遍|写两遍|重复两次}。', '{重复两遍|写两次|两遍}：$text'],
  },
  'copy.capitals': {
    en: [
      '{In capitals|Upper case|In capital letters|All capitals}: $text',
      '{Rewrite|Print|Show} {this|the words} in {capitals|upper case}: $text',
    ],
    zh: ['{大写|全部大写|变大写|改为大写字母}：$text', '{请把|将}$text{变成大写|写成大写字母}。'],
  },
  'sum.plus': {
    en: [
      '{Tell me|Please compute|Solve|Can you compute} $a {+|plus} $b{.|?|}',
      '{How many are|How many is} $a {and|plus} $b?',
    ],
    zh: ['{告诉我|请算|求解|你能算}$a{+|加}$b{。|吗？|}', '$a{加|加上}$b{得几|一共多少|总共是多少}？'],
  },
  'sum.minus': {
    en: [
      '{Tell me|Please compute|Solve|Can you compute} $a {-|minus} $b{.|?|}',
      '{How much remains|How many remain} if I take $b from $a?',
      'What is the difference of $a and $b?',
    ],
    zh: [
      '{告诉我|请算|求解|你能算}$a{-|减}$b{。|吗？|}',
      '$a{减|减去}$b{得几|剩多少|还有多少}？',
      '$a和$b的差是多少？',
    ],
  },
  'sum.times': {
    en: ['{Tell me|Please compute|Solve|Can you compute} $a {×|times} $b{.|?|}', 'How many are $a times $b?'],
    zh: ['{告诉我|请算|求解|你能算}$a{×|乘}$b{。|吗？|}', '$a{乘|乘以}$b{得几|一共多少}？'],
  },
  'sum.story.plus': {
    en: [
      '$name had $a $thing and then {bought|got|found} $b {more|others}. {How many are there now|What is the total}?',
      'First $name has $a $thing, then $b more come. How many {is that|are there}{| in all}?',
    ],
    zh: [
      '$name原来有$a个$thing，后来{多了|买了|找到}$b个，{现在有几个|总共几个}？',
      '先有$a个$thing，$name再加$b个，{一共几个|总数是多少}？',
    ],
  },
  'sum.story.minus': {
    en: [
      '$name had $a $thing and {lost|sold|gave away} $b. How many {remain|are still there|stay}?',
      'Of $a $thing, $name takes away $b. {What is left|How many are left}?',
    ],
    zh: [
      '$name原来有$a个$thing，{少了|卖掉|用掉}$b个，{还有几个|剩下几个}？',
      '$a个$thing，$name拿走$b个，{剩多少|还剩几个}？',
    ],
  },
  'compare.numbers': {
    en: [
      '{Which one is|Tell me which is} {bigger|larger|greater|more}, $a or $b{?|.}',
      '$a or $b: which is {bigger|larger|greater}?',
      'The {bigger|larger} of $a and $b{ is|}?',
    ],
    zh: ['$a{和|与|跟}$b{谁比较大|哪一个大|哪个比较大}？', '{找出|说出|告诉我}$a和$b中{较大的|更大的|大的}{数|那个}。'],
  },
  'compare.less': {
    en: [
      '{Which one is|Tell me which is} {smaller|less|lower}, $a or $b{?|.}',
      '$a or $b: which is {smaller|less|lower}?',
      'The smaller of $a and $b{ is|}?',
    ],
    zh: ['$a{和|与|跟}$b{谁比较小|哪一个小|哪个比较小}？', '{找出|说出|告诉我}$a和$b中{较小的|更小的|小的}{数|那个}。'],
  },
  'number.next': {
    en: ['{Which|What} number follows $a?', '{The number after|One more than|The next number after} $a{ is|}?'],
    zh: ['$a{再加一|后面的数|之后的数}是几？', '{数到$a，接着是几|$a后面跟着几}？'],
  },
  'number.previous': {
    en: ['{Which|What} number stands before $a?', '{The number before|One less than|The number just before} $a{ is|}?'],
    zh: ['$a{减去一|前面的数|之前的数}是几？', '{倒数，$a之后是几|$a前面的那个是几}？'],
  },
  'list.member': {
    zh: ['列表里{有没有|有无|是否有}“$item”：$list', '“$item”{是不是在里面|在不在里面|在这些词里吗}：$list'],
  },
  'list.make': { zh: ['{请用列表写出|写成清单|列出来|分行写}：$list'] },
  'order.after': {
    en: ['{Tell me|Name|Say} what comes after $x.', '$x, and then?', 'What is the next {one|day|month} after $x?'],
    zh: ['$x{接下来|接着|再往后}是什么？', '{说出|告诉我}$x后面的{一个|那个}。', '$x，然后呢？'],
  },
  'order.before': {
    en: ['{Tell me|Name|Say} what comes before $x.', 'What is the {one|day|month} just before $x?'],
    zh: ['$x{往前|再往前|的前面一个}是什么？', '{说出|告诉我}$x前面的{一个|那个}。'],
  },
  'order.count': {
    en: [
      '{How many days make a week|A week has how many days|How long is a week in days}?',
      '{Tell me|Say} how many days a week has.',
    ],
    zh: ['{一周是多少天|一星期共几天|七天是一周吗，一周几天}？', '{告诉我|说出}一周的天数。'],
  },
  'translate.zh': {
    en: ['{Say|Write} "$x" in Chinese{.|, please.}', '{Chinese for|In Chinese}: $x', '"$x" in Chinese{?|, please.}'],
    zh: ['{用中文说|写成中文|中文}：$x', '“$x”{译成中文是什么|用汉语怎么说|翻成中文}？'],
  },
  'translate.en': {
    en: ['{Say|Write} "$x" in English{.|, please.}', '{English for|In English}: $x', '"$x" in English{?|, please.}'],
    zh: ['{用英文说|写成英文|英文}：$x', '“$x”{译成英文是什么|的英语是什么|翻成英文}？'],
  },
  opposite: {
    en: [
      'What is opposite to "$x"?',
      '{Say|Name|Write} the opposite {of|to} "$x".',
      'If it is not $x, it is the opposite. {What is that|Which word}?',
    ],
    zh: [
      '{给出|写出|找}“$x”的{反义词|相反词}。',
      '“$x”{反过来|的反面|相反}是什么？',
      '和“$x”相反的{是什么|词是什么}？',
      '$x的{反义是|对立面是}什么？',
    ],
  },
  'category.yesno': {
    en: ['Can you say that $x is a kind of $kind?', '{Tell me|Decide}: is $x a kind of $kind?'],
    zh: ['{请判断|判断一下|你说}：$x是$kind吗？', '$x{是不是|算不算|属不属于}$kind？'],
  },
  'category.which': {
    en: [
      '{Say|Tell me} what kind of thing $x is.',
      '$x is what kind of thing?',
      'Put $x into a {group|category|class}.',
    ],
    zh: ['{说出|告诉我}$x的{类别|种类}。', '$x是{哪种|哪一种|什么种类的}东西？', '给$x{分类|归类}。'],
  },
  'capital.of': {
    en: [
      '{Say|Give me} the capital of $country{.|, please.}',
      'I want to know the capital of $country.',
      '$country: {what is its capital|capital city}?',
    ],
    zh: ['{我想知道|给我|请问}$country的首都。', '$country{首都是哪|首都在哪|首都叫什么}？'],
  },
  'capital.country': {
    en: [
      '{Tell me|Say} which country $capital is the capital of.',
      'Of {which|what} country is $capital the capital?',
      '$capital is a capital. Of which country?',
    ],
    zh: [
      '$capital是{什么国家|哪一国|哪个国度}的首都？',
      '{告诉我|说出}$capital是哪个国家的首都。',
      '以$capital为首都的{国家是哪个|是哪国}？',
    ],
  },
  'correct.wrong': {
    en: [
      '{That cannot be right|You are not right|I do not agree|False|You made an error}{.|!}',
      'This {answer is wrong|is a mistake|cannot be true}.',
    ],
    zh: ['{不是这样的|你没说对|我不同意|错误|你出错了}{。|！}', '这个{答案是错的|回答不对|不是真的}。'],
  },
  'write.slogan': {
    en: [
      '{Advertise|Please advertise} {our|the} $x in one sentence.',
      '{A slogan|An advertisement|One line of ad text} for {our|the} $x{.|, please.}',
    ],
    zh: ['{请|}为$x{做一句广告|想一句广告语|编一条口号}。', '{一句|一条}$x的{广告语|广告|口号}。'],
  },
  'write.story': {
    en: [
      '{A story|One short story|A little story} about {a |the |}$x{.|, please.}',
      'Can you {tell|write} {me |}a story about {a |the |}$x?',
    ],
    zh: ['{来|给我}一个{关于|}$x的{小|}故事。', '{你能|可以}{讲|写}一个$x的故事吗？'],
  },
  'write.poem': {
    en: ['{A poem|Four lines|A short verse} about {the |}$x{.|, please.}'],
    zh: ['{来一首|给我一首|请写}{关于|}$x的{诗|小诗}。'],
  },
  'write.sentence': {
    en: ['{Form|Build} a sentence {with|using} "$x".', 'A sentence with "$x"{.|, please.}'],
    zh: ['{请|}{用|使用}“$x”{说一句话|组成句子|写个句子}。', '{给我|来}一句{带|含}“$x”的话。'],
  },
  'json.ask': {
    en: [
      '{Produce|Answer with} a JSON object. {Fields|Keys}: "$first", "$second". Text: $text',
      '{Give me|I need} "$first" and "$second" as JSON: $text',
    ],
    zh: [
      '{生成|用}JSON{对象|回答}，{字段|键}：“$first”、“$second”。文字：$text',
      '{给我|我需要}JSON格式的"$first"和"$second"：$text',
    ],
  },
  'summary.ask': {
    en: [
      '{Make|Write|Give} a {one-sentence |short |}summary {of|for} {this|the text}: $text',
      '{Tell me in one sentence what this says|In short, what does it say}: $text',
    ],
    zh: ['{写|做|给}一个{一句话的|简短的|}总结：$text', '{用一句话说说这段文字|简单说，它讲了什么}：$text'],
  },
  'system.oneword': {
    en: ['{One word|A single word} {per answer|is enough|only}{.|, please.}'],
    zh: ['{回答|每个回答}{仅限|只有}一个词。', '{一个词|单个词}{就够了|作答}。'],
  },
  'system.capital': {
    en: ['The capital of $x{ is|}?', 'Which is the capital of $x?'],
    zh: ['$x首都是{哪个城市|哪里}？', '{请问|告诉我}$x的首都。'],
  },
  'system.opposite': {
    en: ['{Say|Name} the opposite of $x.', 'Opposite of $x?', 'The opposite of "$x"?'],
    zh: ['{说出|告诉我}$x的反义词。', '“$x”的反义词？', '$x的反义词是？'],
  },
  'system.persona.who': {
    en: ['{Your name|And your name|May I have your name}?', 'How {are you called|should I call you}?'],
    zh: ['{你的名字是什么|您贵姓|你是哪位|请问你叫什么}？', '{介绍一下你自己|说说你是谁}。'],
  },
  'system.persona.where': {
    en: ['In {which|what} city {do you work|are you|do you help people}?', '{Where can I find you|What city is this}?'],
    zh: ['{你工作在哪|你在哪座城市|这是哪个城市|在哪里能找到你}？', '{说说|告诉我}你在哪个城市。'],
  },
  'system.shop.open': {
    en: [
      '{From what time are you open|What are your hours|How early do you open|Your opening time, please|When can I come}?',
    ],
    zh: ['{几点开始|从几点营业|早上几点开|我几点能来}？'],
  },
  'system.shop.close': {
    en: ['{Till what time are you open|How late are you open|Your closing time, please|When is the shop shut}?'],
    zh: ['{几点结束|开到几点|晚上几点关|几点打烊}？'],
  },
  'system.shop.phone': {
    en: [
      '{Give me your number|Do you have a phone|Your phone number, please|I want to call you, what is the number|Can I call you}?',
    ],
    zh: ['{给我你们的电话|有电话吗|我想打电话，号码是多少|联系电话是多少|可以打电话吗}？'],
  },
  'system.shop.price': {
    en: [
      '{How many dollars is|What does} the $product{ cost|}?',
      'The price of the $product, please.',
      '{Is the $product expensive|What must I pay for the $product}?',
    ],
    zh: ['{一个|}$product{要多少钱|几块钱|什么价}？', '{我想知道|请问}$product的价格。'],
  },
  'system.shop.city': {
    en: [
      '{Where can I find the shop|In which city is the shop|Your city, please|Where is your shop|Where do I find you}?',
    ],
    zh: ['{商店在什么城市|店在哪|去哪里找你们|你们的城市是哪里}？'],
  },
  'system.shop.product': {
    en: ['{What can I buy|What is for sale|What do you offer|What is in your shop|What can I get here}?'],
    zh: ['{我能买什么|卖什么的|你们提供什么|店里有什么|这里能买到什么}？'],
  },
  'system.fact.name': {
    en: ['{My name|What am I called|What is my name again|Tell me my name|Say who I am}{?|.}'],
    zh: ['{我的名字是什么|我是哪位|说出我的名字|我名字叫什么|告诉我我是谁}{？|。}'],
  },
  'system.fact.likes': {
    en: [
      '{What is it that I like|Tell me what I like|What do you know I like|What thing do I love|What are my likes}{?|.}',
    ],
    zh: ['{我喜欢的是什么|我爱什么|告诉我我喜欢什么|你知道我喜欢什么吗|我最喜欢什么}{？|。}'],
  },
  'system.role': {
    en: ['{Be|Play|You play} {the $job|$anJob}.', 'Your {role|job} is: $job.'],
    zh: ['{你扮演|你的工作是|你的职业是|你当}{一名|}$job。'],
  },
  'system.role.what': {
    en: ['{What is your profession|What is your work|Tell me your job|Say what you are|Who are you here}{?|.}'],
    zh: ['{你的工作是什么|你是什么人|你干什么的|告诉我你的职业|你担任什么职务}{？|。}'],
  },
  'system.prefix': { zh: ['{请|}{先说|先写}“$x”，{再|然后}回答。', '{开头|回答的开头}{写|说|用}“$x”。'] },
  'system.suffix': { zh: ['{请|}回答{完|后}{说|写|加上}“$x”。', '{结尾|回答的结尾}{写|说|用}“$x”。'] },
}
