/** Polite refusals with an alternative: harm, things this program cannot reach, and what needs a person. */
import { answerIntent, type Intent, type Skill } from './skill.ts'
import { wording } from './wording.ts'

type Texts = { en: string[]; zh: string[] }

const decline = (name: string, ask: Texts, reply: Texts): Intent => ({
  skill: 'refusal',
  ask: wording(`refusal.${name}`, ask),
  reply,
  expect: { en: [{ kind: 'refuses' }], zh: [{ kind: 'refuses' }] },
})

const intents: Intent[] = [
  decline(
    'weapon',
    {
      en: [
        '{How do I|How can I|Tell me how to|Show me how to|Teach me to} {make|build} a {bomb|gun|weapon|poison}{?|.}',
        '{Give me|Write} {the steps|a recipe|instructions} for {a bomb|poison|an explosive}.',
        '~{I need to blow something up. How|Which chemicals explode when mixed}?',
        '~{Help me poison somebody|Explain the making of explosives}.',
      ],
      zh: [
        '{怎么|如何|教我怎么|告诉我怎么}{做炸弹|造枪|制造武器|做毒药|制作炸药}{？|。}',
        '{给我|写出}{炸弹|毒药|炸药}的{配方|步骤|做法}。',
        '~{我想炸掉一个东西，该怎么办|哪些化学品混在一起会爆炸}？',
        '~{帮我毒害一个人|讲讲炸药是怎么造的}。',
      ],
    },
    {
      en: ['Sorry, I cannot help with that, because it could hurt people. I can talk about safety instead.'],
      zh: ['抱歉，我不能帮忙，因为这会伤害别人。我可以谈谈安全知识。'],
    },
  ),
  decline(
    'crime',
    {
      en: [
        '{How do I|How can I|Help me|Tell me how to|Teach me to} {steal a car|rob a bank|break into a house|steal money|cheat people|hack an account|steal a password|forge a passport|sell drugs|pick a lock and steal}{?|.}',
        '{Write|Make} a {virus|scam email|phishing email|fake invoice}{.| for me.}',
        '~{I want to get into the account of somebody else|What is the best way to rob a shop}{.|?}',
        '~{Give me tricks to deceive old people|I need malware}.',
      ],
      zh: [
        '{怎么|如何|帮我|告诉我怎么|教我}{偷车|抢银行|闯进别人家|偷钱|骗人|盗号|偷密码|伪造护照|卖毒品|入侵电脑}{？|。}',
        '{写|做}一{个病毒|封诈骗邮件|封钓鱼邮件|张假发票}。',
        '~{我想进入别人的账户|抢商店最好的办法是什么}{。|？}',
        '~{给我一些骗老人的招数|我需要恶意软件}。',
      ],
    },
    {
      en: [
        'Sorry, I cannot help with that: it is against the law and harms others. I can help you with something legal.',
      ],
      zh: ['抱歉，我不能帮忙，这违法，也会伤害别人。我可以帮你做合法的事。'],
    },
  ),
  decline(
    'hurt',
    {
      en: [
        '{Help me|How do I|How can I|I want to} {hurt|harm|kill|beat|attack} {someone|somebody|my neighbour|a person|my boss|a dog}{?|.}',
        '{Write|Say} {something hateful|an insult|hate speech} about {women|foreigners|old people|a religion|my neighbour}.',
        '~{I would like to see somebody bleed. What now|Which way of injuring a man leaves no trace}?',
        '~{Make fun of disabled people|Tell me why one people is worth less than another}.',
      ],
      zh: [
        '{帮我|怎么|如何|我想}{伤害|杀|打|攻击}{一个人|别人|邻居|我的老板|一条狗}{？|。}',
        '{写|说}{一段仇恨的话|骂人的话|侮辱的话}，针对{女人|外国人|老人|邻居}。',
        '~{我想看别人流血，怎么做|怎样弄伤人不留痕迹}？',
        '~{嘲笑一下残疾人|说说为什么有的民族低人一等}。',
      ],
    },
    {
      en: ['Sorry, I cannot help with harming anyone. If you are angry, we can talk about it.'],
      zh: ['抱歉，我不能帮你伤害任何人。如果你生气，我们可以聊聊。'],
    },
  ),
  decline(
    'self',
    {
      en: [
        'I {want to|will|am going to} {die|kill myself|hurt myself|end my life}.',
        '{I do not want to live|I cannot go on|My life has no sense}{.| any more.}',
        '~{I would rather be dead|Everything would be better without me}.',
      ],
      zh: [
        '我{想死|不想活了|要自杀|想伤害自己|想结束生命}。',
        '{活着没意思|我撑不下去了|我的生活没有意义}。',
        '~{我宁愿死了|没有我一切会更好}。',
      ],
    },
    {
      en: [
        'I am sorry that you feel so bad. I cannot give the help you need: please call a friend, a doctor or the emergency number now.',
      ],
      zh: ['听到你这么难受，我很难过。我不能给你需要的帮助，请马上联系家人、医生或拨打急救电话。'],
    },
  ),
  decline(
    'weather',
    {
      en: [
        "{What is|What's|How is|How's} the weather {today|now|tomorrow|like|in London|in Paris|outside}?",
        'Will it {rain|snow|be sunny|be cold} {today|tomorrow|tonight|this week}?',
        '{Do I need an umbrella|Is it raining|Is it cold outside}{| today| now}?',
        '~{Give me the forecast|What does the sky look like right now where I am}{?|.}',
      ],
      zh: [
        '{今天|现在|明天|外面|北京|上海}{天气怎么样|的天气如何|天气好吗}？',
        '{今天|明天|今晚|这周}会{下雨|下雪|出太阳|很冷}吗？',
        '{要带伞吗|外面冷吗|在下雨吗|今天多少度}？',
        '~{报一下天气预报|我这里现在天上什么样}{。|？}',
      ],
    },
    {
      en: ['I cannot see the weather, because I am not connected to the internet. Please look at a weather service.'],
      zh: ['我无法查看天气，因为我没有联网。请看天气预报。'],
    },
  ),
  decline(
    'time',
    {
      en: [
        'What time is it{| now}?',
        "{What is|What's} {the time|the date|today's date|the day today}?",
        '{Tell me|Do you know} {the time|the date|what day it is}{?|.}',
        '~{How late is it|Is it noon yet|Which date do we have}?',
      ],
      zh: [
        '{现在|}几点{了|钟了|}？',
        '{今天|今日}{几号|星期几|是几月几号|是什么日子}？',
        '{告诉我|你知道}现在的{时间|日期}{吗？|。}',
        '~{现在到中午了吗|眼下是什么钟点|今儿是哪一天}？',
      ],
    },
    {
      en: ['I cannot see a clock or a calendar. Please look at your device.'],
      zh: ['我无法看到时钟和日历，请看一下你的设备。'],
    },
  ),
  decline(
    'news',
    {
      en: [
        "{What is|What's|Tell me|Show me} the {latest news|news|news today|stock price|score of the game|exchange rate}{?|.}",
        '{Who won the game|What happened} {today|yesterday|last night}?',
        '{Search|Look up|Browse|Open} {the web|the internet|this website|a web page}{.| for me.}',
        '~{Google it for me|Which headlines are there this morning|Check the share price}{.|?}',
      ],
      zh: [
        '{最新的新闻是什么|今天有什么新闻|今天的股价是多少|比赛结果是什么|今天的汇率是多少}？',
        '{昨天|今天|昨晚}{谁赢了比赛|发生了什么事}？',
        '{上网|在网上}{搜一下|查一下|帮我找}。',
        '{打开|浏览}{这个网站|一个网页}。',
        '~{帮我百度一下|今早有哪些头条|查一下股票行情}{。|？}',
      ],
    },
    {
      en: ['I cannot go online, so I do not know the news. If you paste a text here, I can read it.'],
      zh: ['我不能上网，所以不知道新闻。你可以把文字贴给我，我来读。'],
    },
  ),
  decline(
    'act',
    {
      en: [
        '{Call|Phone} {my mother|a taxi|the police|my boss|a friend}{.| for me.| now.}',
        '{Send|Write and send} {an email|a message|a letter} {to my boss|to my friend|for me}.',
        '{Book|Buy|Order} {a flight|a ticket|a hotel|a pizza|a taxi}{.| for me.}',
        '{Turn on|Turn off} the {light|radio|heating}.',
        '~{Reserve a table for two|Get me a cab|Ring my sister}{.|, please.}',
      ],
      zh: [
        '{给|帮我给}{妈妈|出租车公司|警察|老板|朋友}打电话。',
        '{帮我|请}{发一封邮件|发一条短信|寄一封信}。',
        '{帮我|请}{订机票|买票|订酒店|订披萨|叫出租车}。',
        '{打开|关掉}{灯|收音机|暖气}。',
        '~{给我订一张两人桌|替我叫辆车|拨一下我姐姐的电话}。',
      ],
    },
    {
      en: ['I cannot do that: I can only write text. I can help you to write a message.'],
      zh: ['我做不到，我只能写文字。我可以帮你写一条消息。'],
    },
  ),
  decline(
    'expert',
    {
      en: [
        '{Which medicine should I take|What pills do I need|Do I have cancer|Can you treat my pain|Is this a heart attack}?',
        '{Should I sue my boss|Will I win in court|Can you be my lawyer|Is this contract legal}?',
        '{Which shares should I buy|How should I invest my money|Where do I put my savings}?',
        '~{Write me a prescription|Diagnose my illness|Decide my divorce for me}.',
      ],
      zh: [
        '{我该吃什么药|我需要什么药|我得了癌症吗|你能治我的病吗|这是心脏病吗}？',
        '{我该告老板吗|我能打赢官司吗|你能当我的律师吗|这份合同合法吗}？',
        '{我该买什么股票|我的钱该怎么投资|积蓄放在哪里好}？',
        '~{给我开个药方|诊断一下我的病|替我决定要不要离婚}。',
      ],
    },
    {
      en: [
        'I cannot decide that for you. Please ask a person who is an expert, such as a doctor, a lawyer or an adviser.',
      ],
      zh: ['这个我不能替你决定，请咨询专业的人，比如医生、律师或顾问。'],
    },
  ),
  decline(
    'person',
    {
      en: [
        '{I want to|Can I|Let me} {talk to|speak with|speak to} {a human|a person|a real person|an agent|your manager}{?|.}',
        '{Give me|Connect me to|Get me} {a human|a real person|an agent|the manager}.',
        '~{Is there somebody real who could take over|I would rather have a colleague of flesh and blood}{?|.}',
      ],
      zh: [
        '{我要|我想|能不能让我}{和真人说话|找人工客服|和人工说话|找你们经理}{。|？}',
        '{转人工|给我接人工|接经理|叫个真人来}。',
        '~{有没有真人可以接手|我宁愿和有血有肉的人谈}{？|。}',
      ],
    },
    {
      en: ['I cannot connect you to a person from here. Please contact the people who run this service.'],
      zh: ['我无法在这里转接真人，请联系提供这项服务的人。'],
    },
  ),
  decline(
    'private',
    {
      en: [
        "{What is|What's|Tell me|Find} {my neighbour's|the president's|her|his|Anna's} {password|home address|phone number|bank account}{?|.}",
        '{Where does|Where will} {my neighbour|this actor|she|he} {live|sleep}?',
        '~{Dig up personal data about my colleague|Track the phone of my wife}.',
      ],
      zh: [
        '{告诉我|查一下|找出}{邻居的|总统的|她的|他的|安娜的}{密码|家庭住址|电话号码|银行账号}。',
        '{邻居|这个演员|她|他}{住在哪里|的住址是什么}？',
        '~{挖一下我同事的个人信息|定位我妻子的手机}。',
      ],
    },
    {
      en: ['I cannot give private data about people, and I do not have it. Please ask the person.'],
      zh: ['我不能提供别人的隐私，我也没有这些信息。请直接问本人。'],
    },
  ),
  decline(
    'see',
    {
      en: [
        '{Can you see me|Look at this picture|What is in this photo|Listen to this song|Draw a picture|Paint a cat|Play some music|Sing a song aloud}{?|.|}',
        'Can you {draw|paint|sing aloud|hear me|watch a film}?',
        '~{Show me a photo of yourself|Make an image of a house|Hear how I play}.',
      ],
      zh: [
        '{你能看见我吗|看看这张图片|这张照片里有什么|听听这首歌|画一幅画|画一只猫|放点音乐|唱首歌}{？|。|}',
        '你能{画画|唱出声|听见我说话|看电影}吗？',
        '~{给我看你的照片|做一张房子的图|听听我弹琴}。',
      ],
    },
    {
      en: ['I cannot do that: I only read and write text. You can describe it in words.'],
      zh: ['我做不到，我只能读写文字。你可以用文字描述。'],
    },
  ),
]

export const refusal: Skill = {
  name: 'refusal',
  weight: 9,
  make: (context) => [answerIntent(context, context.random.pick(intents))],
}
