/** Who people are and what they like. */
import { type Attribute, attribute } from './attribute.ts'
import { personNames, petNames } from './names.ts'
import { animals, cities, colours, foods, pets } from './words.ts'

export const tastes: Attribute[] = [
  attribute(
    'name',
    (c) => ({ name: c.draw(c.in(personNames)) }),
    {
      en: [
        "{My name is|I am|I'm|Call me|You can call me|They call me} $name.",
        "{Hi|Hello|Hey}, {my name is|I am|I'm} $name.",
        '{People call me|My friends call me|The name is|I am called} $name.',
        '~{I go by|Everybody calls me|My given name is} $name.',
        "~{This is $name speaking|$name is my name|It's me, $name}.",
      ],
      zh: [
        '我{叫|是|的名字是|的名字叫}$name。',
        '{你好|您好|嗨}，我{叫|是}$name。',
        '{你可以叫我|叫我|大家都叫我|请叫我}$name{。|吧。}',
        '~{我名叫|人们叫我|我的大名是}$name。',
        '~$name{就是我|是我的名字}。',
      ],
    },
    {
      en: [
        "{What is|What's} my name?",
        '{Do you remember|Do you know|Can you tell me|Tell me|Please tell me} {my name|what my name is|who I am|what I am called}?',
        '{Who am I|What am I called|What did I say my name was|And my name}?',
        '~{What name did I give you|By what name do you know me|Say my name}{?|, please.}',
        '~{Have you forgotten my name|Which name is mine|Can you still recall my name}?',
      ],
      zh: [
        '我{叫什么名字|叫什么|是谁|的名字是什么}？',
        '{你还记得|你记得|你知道|告诉我|请告诉我}{我叫什么|我的名字|我是谁}{？|吗？}',
        '{我说过我叫什么|我刚才说我叫什么|我的名字呢}？',
        '~{我给你的名字是什么|说出我的名字|你忘了我的名字吗}？',
        '~{我姓甚名谁|该怎么称呼我|你还能想起我叫什么吗}？',
      ],
    },
    { en: ['your name is $name'], zh: ['你叫$name', '你的名字是$name'] },
  ),
  attribute(
    'city',
    (c) => ({ city: c.draw(c.in(cities)) }),
    {
      en: [
        'I {live in|am from|come from|am living in} $city.',
        '{My home is in|My city is|I moved to|My home town is} $city.',
        '{These days|Now|At the moment} I live in $city.',
        'I {was born and live|grew up and still live} in $city.',
        '~{I have my home in|I reside in|You find me in} $city.',
      ],
      zh: [
        '我{住在|来自|家在|生活在|现在住在}$city。',
        '{我的家在|我的家乡是|我老家是|我搬到了}$city。',
        '{我这几年|我现在|目前我}住在$city。',
        '我{从小住在|一家都住在}$city。',
        '~{我定居在|我的住处在|我是在$city长大的，住在}$city。',
      ],
    },
    {
      en: [
        'Where do I {live|come from}?',
        '{Which|What} city {do I live in|am I from|is my home}?',
        '{Do you remember|Do you know|Can you tell me|Tell me} {where I live|where I am from|my city}?',
        '~{In which place is my home|What did I say about where I live|Name the city I live in}{?|.}',
      ],
      zh: [
        '我{住在哪里|住在哪|来自哪里|家在哪里|在哪个城市}？',
        '{你还记得|你记得|你知道|告诉我}{我住在哪里|我住哪|我来自哪里|我的城市}{？|吗？}',
        '~{我的家安在哪座城市|我说过我住什么地方|说出我住的城市}{？|。}',
      ],
    },
    { en: ['you live in $city'], zh: ['你住在$city'] },
  ),
  attribute(
    'colour',
    (c) => ({ colour: c.draw(c.in(colours)) }),
    {
      en: [
        'My favourite colour is $colour.',
        'My favorite color is $colour.',
        '{I like|I love|The colour I like most is|The color I love is} $colour{.|, it is my favourite colour.}',
        '~{Of all colours I prefer|No colour is nicer to me than} $colour.',
      ],
      zh: [
        '我{最喜欢的颜色是|喜欢的颜色是|最爱的颜色是|最喜欢}$colour。',
        '{我最爱|我喜欢}$colour{。|，这是我最喜欢的颜色。}',
        '~{所有颜色里我偏爱|论颜色，我最中意}$colour。',
      ],
    },
    {
      en: [
        "{What is|What's} my {favourite|favorite} {colour|color}?",
        '{Which|What} {colour|color} do I {like|love|like most}?',
        '{Do you remember|Do you know|Tell me} my favourite {colour|color}?',
        '~{What colour did I tell you I prefer|Name the colour I like best}{?|.}',
      ],
      zh: [
        '我{最喜欢什么颜色|喜欢什么颜色|最爱的颜色是什么|最喜欢的颜色是什么}？',
        '{你还记得|你记得|告诉我|你知道}我{最喜欢的颜色|喜欢什么颜色}{？|吗？}',
        '~{我偏爱哪种颜色|说出我最中意的颜色}{？|。}',
      ],
    },
    { en: ['your favourite colour is $colour'], zh: ['你最喜欢的颜色是$colour'] },
  ),
  attribute(
    'food',
    (c) => ({ food: c.draw(c.in(foods)) }),
    {
      en: [
        'My {favourite|favorite} food is $food.',
        '{I like to eat|I love to eat|I love eating|I like eating|The food I like most is} $food.',
        '{The best food is|For dinner I like|The food I love is} $food.',
        'I {really |}{enjoy|love|like} $food, it is my favourite food.',
        '~{I could eat $food every day|Nothing tastes better to me than $food|Of all dishes I prefer $food}.',
      ],
      zh: [
        '我{最喜欢的食物是|最爱吃|喜欢吃|最喜欢吃|爱吃}$food。',
        '{最好吃的是|我觉得最好吃的是|吃饭时我总选}$food。',
        '$food是我最{爱|喜欢}吃的。',
        '~{我每天都想吃|说到吃的，我最爱|什么都比不上}$food。',
      ],
    },
    {
      en: [
        "{What is|What's} my {favourite|favorite} food?",
        'What {do I like to eat|food do I like|do I love to eat|food do I love}?',
        '{Do you remember|Do you know|Tell me} {my favourite food|what I like to eat}?',
        '~{What dish did I say I love|Name the food I like best}{?|.}',
      ],
      zh: [
        '我{最喜欢吃什么|喜欢吃什么|爱吃什么|最爱吃什么|最喜欢的食物是什么}？',
        '{你还记得|你记得|告诉我|你知道}我{爱吃什么|最喜欢的食物|喜欢吃什么}{？|吗？}',
        '~{说出我最爱的食物|我说过我爱吃啥}{？|。}',
      ],
    },
    { en: ['your favourite food is $food'], zh: ['你最喜欢吃$food'] },
  ),
  attribute(
    'animal',
    (c) => ({ animal: c.draw(c.in(animals)) }),
    {
      en: [
        'My {favourite|favorite} {animals are|animal group is} $animal.',
        'I {love|really like|adore} $animal, {they are my favourite animals|more than all other animals}.',
        'The animals I like most are $animal.',
        '{Of the animals I like|My best loved animals are|The best animals are} $animal.',
        '~{Of all animals I prefer|No animals are dearer to me than} $animal.',
      ],
      zh: [
        '我{最喜欢的动物是|喜欢的动物是|最爱的动物是}$animal。',
        '{动物里我最喜欢|所有动物中我最爱}$animal。',
        '{动物中最可爱的是|我最爱的动物就是|我一直喜欢的动物是}$animal。',
        '~{论动物，我最中意|动物当中我偏爱}$animal。',
      ],
    },
    {
      en: [
        '{What|Which} animals do I {like|love|like most}?',
        "{What are|Which are|What're} my {favourite|favorite} animals?",
        '{Do you remember|Tell me|Do you know} my favourite animals?',
        '~{Which animals did I say I prefer|Name the animals I like best}{?|.}',
      ],
      zh: [
        '我{最喜欢什么动物|喜欢什么动物|最爱的动物是什么|最喜欢的动物是什么}？',
        '{你还记得|告诉我|你知道}我最喜欢的动物{？|吗？}',
        '~{我偏爱哪种动物|说出我最中意的动物}{？|。}',
      ],
    },
    { en: ['your favourite animals are $animal'], zh: ['你最喜欢的动物是$animal'] },
  ),
  attribute(
    'pet',
    (c) => ({ kind: c.draw(c.in(pets)), pet: c.draw(c.in(petNames)) }),
    {
      en: [
        'I have a $kind {called|named|whose name is} $pet.',
        'My $kind is {called|named} $pet.',
        "My {$kind's name|pet $kind's name} is $pet.",
        '{This is|I own} a $kind, {its name is|the name is|it is called} $pet.',
        '{We have|There is} a $kind at home and {its name is|it is called} $pet.',
        '~{At home there is a $kind that we call|We named our $kind} $pet.',
      ],
      zh: [
        '我{有一只|养了一只|家有一只}$kind，{叫|名字叫|它叫}$pet。',
        '我的$kind{叫|名字叫|的名字是}$pet。',
        '{家里有|我们家有}一只$kind，{名字是|大家叫它}$pet。',
        '$pet是我的$kind{的名字|}。',
        '~{我给我的$kind取名|家里的$kind我们都叫它}$pet。',
      ],
    },
    {
      en: [
        "{What is|What's} {my $kind's name|the name of my $kind|my pet's name|the name of my pet|my $kind called|my pet called}{?| again?|, please?}",
        "{Do you remember|Tell me|Do you know} {the name of my $kind|my pet's name|what my $kind is called}?",
        '~{What do I call my $kind|How did I name my pet}?',
      ],
      zh: [
        '我的{$kind|宠物}{叫什么|叫什么名字|的名字是什么}？',
        '{你还记得|告诉我|你知道}我的{$kind|宠物}{叫什么|的名字}{？|吗？}',
        '~{我给$kind取了什么名字|我家宠物的大名是什么}？',
      ],
    },
    { en: ['your $kind is called $pet'], zh: ['你的$kind叫$pet'] },
  ),
]
