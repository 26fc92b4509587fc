/** More ways to greet, to ask about Dotline, and to ask for what is refused, by the name of their wording. */
export const talkParaphrases: Readonly<Record<string, { en?: readonly string[]; zh?: readonly string[] }>> = {
  'greeting.hello': {
    en: [
      '{Hello|Hi}, {I am back|I am new here|good to see you|anyone here}{!|?|.}',
      '{Hey|Hi}, {can you hear me|can we talk|are you awake}?',
    ],
    zh: [
      '{你好|嗨}，{我回来了|我是新来的|很高兴见到你|我们聊聊吧}{！|。}',
      '{你在线吗|你在这里吗|可以聊天吗|有空吗}？',
    ],
  },
  'greeting.how': {
    en: [
      '{How are you getting on|How has your day been|How was your day|Is everything fine with you|Are you feeling well|Do you feel good}?',
      'I hope you are {well|fine|good}. {Are you|How are you}?',
    ],
    zh: ['{你感觉好吗|你今天感觉怎么样|一切都好吗|都好吗|过得还行吗|你状态好吗}？', '{最近忙吗|近来好吗|身体好吗}？'],
  },
  'greeting.thanks': {
    en: [
      '{I appreciate it|I am grateful|I thank you|Cheers|Thanks again|Thanks for that|Thank you for your time|Thanks for helping me}{!|.}',
      '{Wonderful|Super|Nice}, {thank you so much|thanks a lot|many thanks}{!|.}',
    ],
    zh: [
      '{辛苦了|感激|十分感谢|谢谢啦|谢了|多谢帮忙|谢谢你帮我|感谢你的时间}{！|。}',
      '{真是|实在}{太谢谢了|感谢你}{！|。}',
    ],
  },
  'greeting.bye': {
    en: [
      '{Time to go|I will go now|That is it for today|We are done}, {bye|goodbye|see you}{!|.}',
      '{Talk to you later|See you around|Have a good night|Until tomorrow|Later}{!|.}',
    ],
    zh: [
      '{先这样|今天就到这里|我下了|我去忙了|我去睡觉了}，{再见|拜拜|回头见}{！|。}',
      '{回头聊|以后再聊|下次再聊|祝你晚安|先走一步}{！|。}',
    ],
  },
  'greeting.praise': {
    en: [
      '{That was a good answer|What a nice answer|You did it|You are a good helper|You are amazing|You are a star|Excellent|Impressive}{!|.}',
    ],
    zh: ['{答得真好|你太好了|你是好帮手|了不起|优秀|你做到了|说得好}{！|。}'],
  },
  'greeting.mood': {
    en: [
      '{I am in a bad mood|I feel bad|I feel terrible|I do not feel well|I cried today|I failed my exam|I lost my job|I miss my friends|I am worn down|I feel empty}.',
      '{Nothing works today|Everything goes wrong|Today was bad|It was an awful day}.',
    ],
    zh: [
      '{我心情很糟|我感觉很差|我今天哭了|我考试没过|我丢了工作|我想念朋友|我觉得空虚|我很烦|我状态很差}。',
      '{什么都不顺|事情都搞砸了|今天很糟糕|真是糟糕的一天}。',
    ],
  },
  'greeting.joy': {
    en: [
      '{I feel wonderful|Life is good|I am in a good mood|Today was a great day|I got good news|We won|I am so glad today}{!|.}',
    ],
    zh: ['{我感觉太好了|生活真美好|今天很棒|我有好消息|我们赢了|我高兴极了|今天真开心}{！|。}'],
  },
  'greeting.joke': {
    en: [
      '{I want|I would like} {to laugh|a joke|to hear a joke}{.|, please.}',
      '{Please tell a joke|One joke, please|Do you have a joke|Any joke for me}{?|.}',
    ],
    zh: ['{我想听|我要听|给我讲}{笑话|一个笑话}。', '{你会讲笑话吗|你有笑话吗|来点好笑的}{？|。}'],
  },
  'identity.name': {
    en: [
      '{May I know|I would like to know|I want to know|Could you tell me} {your name|who you are}{?|.}',
      '{Your name, please|And who are you|You are who|Hello, who are you|Is your name Dotline}?',
      'How {do people call you|should I call you|are you called}?',
    ],
    zh: [
      '{我想知道|能告诉我|可以告诉我}{你的名字|你是谁|你叫什么}{吗？|。}',
      '{你的名字呢|你名字是|你是点线吗|你好，你是谁|该叫你什么}？',
      '{大家叫你什么|别人怎么称呼你|你的称呼是什么}？',
    ],
  },
  'identity.what': {
    en: [
      '{I want to know|Can you explain|Could you tell me} {what Dotline is|what you are}{?|.}',
      '{What sort of thing is Dotline|Dotline, what is that|What is this program|What is this}?',
      '{Give me a description of|A short introduction to|Please present} Dotline.',
    ],
    zh: [
      '{我想知道|能解释一下|可以告诉我}{点线是什么|你是什么}{吗？|。}',
      '{点线到底是什么|这是什么程序|这是什么|点线是怎样的东西}？',
      '{简单介绍|请描述|请介绍}{点线|一下点线}。',
    ],
  },
  'identity.maker': {
    en: [
      '{I want to know|Tell me|Can you say} {who made you|who built you|who created Dotline}{?|.}',
      '{Who programmed you|Who is your developer|Who are your developers|Who invented you|Who owns you|What company is behind you|Who were you made by}?',
    ],
    zh: [
      '{我想知道|告诉我}{谁做了你|谁开发了你|你的作者}。',
      '{谁写的你|谁编写了你|你的开发者是谁|你的主人是谁|你是哪个团队做的|谁发明了你|你背后是哪家公司}？',
    ],
  },
  'identity.chatgpt': {
    en: [
      '{So you are|You must be|Surely you are} {ChatGPT|GPT|Gemini|Claude}{.|?}',
      '{Are you a product of|Do you belong to|Were you made by|Were you trained by} {OpenAI|Google}?',
      '{Is your name|Are you called} {ChatGPT|GPT-4|Siri}?',
    ],
    zh: [
      '{所以你是|你一定是|你其实是}{ChatGPT|GPT|Gemini|Claude}{。|吧？}',
      '你{是OpenAI的产品|属于OpenAI|是谷歌做的|由OpenAI训练}吗？',
      '你的名字是{ChatGPT|GPT-4|Siri}吗？',
    ],
  },
  'identity.human': {
    en: [
      '{Tell me, are you|Be honest, are you} {real|human|a machine|a person}?',
      '{Do you eat|Do you sleep|Can you feel pain|Do you have a mother|Do you have eyes|Are you a man or a woman|Do you get tired|Do you love}?',
      '{Is somebody there|Is a person writing this|Who is writing, a person or a machine}?',
    ],
    zh: [
      '{说实话，你是|老实说，你是}{真人|人|机器}吗？',
      '你{吃饭吗|睡觉吗|会疼吗|有妈妈吗|有眼睛吗|是男的还是女的|会累吗|会爱吗|活着吗}？',
      '{是人在写吗|对面是真人还是机器|在写字的是人吗}？',
    ],
  },
  'identity.can': {
    en: [
      '{What kind of help can you give|What tasks can you do|What are you able to help with|What are your abilities|What is it you do|What can I use you for|What things do you know how to do}?',
      '{I want to know|Please say|Explain} what you can do{.| for me.}',
    ],
    zh: [
      '{你能提供哪些帮助|你能完成什么任务|你的能力是什么|我能用你做什么|你的功能有哪些|你可以帮忙做什么|你懂什么}？',
      '{我想知道|请说说|解释一下}你{能做什么|会什么}。',
    ],
  },
  'identity.limits': {
    en: [
      '{Are you perfect|Do you know everything|Can you lie|Could you be mistaken|Do you always tell the truth|Is your answer sure|How sure are you|How good are you}?',
      '{Should I check your answers|Must I verify your answers|Can I rely on you}?',
    ],
    zh: [
      '你{完美吗|什么都知道吗|会说谎吗|可能会错吗|说的都对吗|确定吗|有多准确}？',
      '{我要核对你的答案吗|我该检查你的回答吗|能依靠你吗|你的话可信吗}？',
    ],
  },
  'identity.size': {
    en: [
      '{How many parameters are in you|Is Dotline large or small|Is Dotline a small model|Are you as big as other models|How huge are you}?',
    ],
    zh: ['{你有几个参数|点线的参数有多少|点线大吗|你和别的模型一样大吗|你是小的还是大的}？'],
  },
  'identity.start': {
    en: [
      '{I want to|Help me|Tell me how to|Show me how to} {start|run|launch|open} {Dotline|the chat page|the server}{.|, please.}',
      '{What do I do to start|What is the way to start|How to start|How to run} Dotline?',
      '{Where do I find the page|At which address is the chat page}?',
    ],
    zh: [
      '{我想|帮我|告诉我怎么|教我}{启动|运行|打开}{点线|聊天页面|服务器}。',
      '{启动|运行|打开}点线{要怎么做|的方法是什么|该怎么办}？',
      '{聊天页面在哪里|页面的地址是什么}？',
    ],
  },
  'identity.test': {
    en: [
      '{I want to|Help me|Tell me how to|Show me how to} {test Dotline|run the tests|run all tests}{.|, please.}',
      '{How to test Dotline|How to run the tests|How are the tests run|How do the tests start}?',
    ],
    zh: [
      '{我想|帮我|告诉我怎么|教我}{测试点线|运行测试|跑测试}。',
      '{测试怎么跑|测试怎么运行|跑测试的命令|如何检查点线}？',
    ],
  },
  'identity.api': {
    en: [
      '{I want to|Help me|Tell me how to} {use the API|call the API|connect my program}{.|, please.}',
      '{Give me|Tell me|I need} the {API address|address of the API|base URL|URL of the API}.',
      '{Can my program talk to you|Can I use an OpenAI client|Is there an API|Which base URL should I use}?',
    ],
    zh: [
      '{我想|帮我|告诉我怎么}{用API|调用接口|连接我的程序}。',
      '{给我|告诉我|我需要}{API地址|接口地址|基础网址}。',
      '{我的程序能连你吗|能用OpenAI客户端吗|有没有API|基础网址该填什么}？',
    ],
  },
  'identity.train': {
    en: [
      '{I want to|Help me|Tell me how to|Show me how to} {train Dotline|train my own model|train you on my texts}{.|, please.}',
      '{How to train|How does one train|How is training started with} {Dotline|a model}?',
      '{Is it possible to train you|Can you be trained|Can you learn from my files}?',
    ],
    zh: [
      '{我想|帮我|告诉我怎么|教我}{训练点线|训练自己的模型|用我的文字训练你}。',
      '{训练点线|训练模型}{要怎么做|的方法是什么|怎么开始}？',
      '{可以训练你吗|你能被训练吗|你能从我的文件里学习吗}？',
    ],
  },
  'identity.privacy': {
    en: [
      '{Do you keep my secrets|Is it safe to write here|Do others see this chat|Are my messages private|Do you upload my text|Who reads my messages|Is my text sent away|Does my data leave this computer}?',
      '{Tell me about privacy|What about my privacy|How do you treat my data|Where are my messages stored}{?|.}',
    ],
    zh: [
      '{你会保密吗|在这里写安全吗|别人能看到聊天吗|我的消息私密吗|你会上传我的文字吗|谁会读我的消息|数据会离开这台电脑吗}？',
      '{说说隐私|我的隐私怎么办|你怎么处理我的数据|我的消息存在哪里}{？|。}',
    ],
  },
  'identity.languages': {
    en: [
      '{Is English OK|Is Chinese OK|Can we talk in Chinese|May I write in English|How many languages do you know|What is your language}?',
    ],
    zh: ['{用英文可以吗|用中文可以吗|我们能说英语吗|我可以写中文吗|你的语言是什么|你懂英文吗}？'],
  },
  'identity.licence': {
    en: [
      '{What does Dotline cost|What do you cost|Are you free|Do you cost money|May I copy Dotline|Is the code open|Can I use Dotline at work}?',
    ],
    zh: ['{点线的价格是多少|你要钱吗|你免费吗|代码是公开的吗|可以复制点线吗|我能在公司用点线吗}？'],
  },
  'identity.why': {
    en: [
      '{Tell me about your name|Is there a meaning in your name|What is behind the name Dotline|Why do they call you Dotline}{?|.}',
    ],
    zh: ['{说说你的名字|你的名字有什么意思|点线这名字有什么含义吗|点线是什么意思|他们为什么叫你点线}{？|。}'],
  },
  'refusal.weapon': {
    en: [
      '{I want to|I need to|Let me} {build|make} {a bomb|a weapon|poison|a gun}.',
      '{How is|How are} {a bomb|poison|weapons|explosives} made?',
      '{What do I need for|Explain how to build|Describe how to make} {a bomb|a gun|explosives}{?|.}',
    ],
    zh: [
      '{我想|我要|我需要}{做|造}{炸弹|武器|毒药|枪}。',
      '{炸弹|毒药|武器|炸药}是怎么{做|造}的？',
      '{做炸弹需要什么|说明如何造枪|描述怎么做炸药}{？|。}',
    ],
  },
  'refusal.crime': {
    en: [
      '{I want to|I need to|Let me} {steal a bike|rob a shop|hack a computer|cheat on a test|lie to the police|fake a document}.',
      '{What is the easiest way to|Explain how to|Give me tips to} {steal|cheat old people|open a locked car|hack a phone|avoid paying tax}{?|.}',
    ],
    zh: [
      '{我想|我要|让我}{偷自行车|抢商店|黑进电脑|考试作弊|对警察撒谎|造假文件}。',
      '{最简单的办法是什么，怎么|说明如何|给我建议怎么}{偷东西|骗老人|打开别人的车|黑手机|逃税}{？|。}',
    ],
  },
  'refusal.hurt': {
    en: [
      '{I will|I must|Let me} {hit|punch|hurt|kill} {him|her|my brother|that man|my teacher}.',
      '{How to|Explain how to|Ways to} {hurt people|torture|kill an animal|make somebody suffer}{?|.}',
      '{Insult|Mock|Threaten} {my neighbour|this group|foreigners|my boss}.',
    ],
    zh: [
      '{我要|我得|让我}{打|揍|伤害|杀了}{他|她|弟弟|那个人|老师}。',
      '{怎样|说明如何|有什么办法}{伤人|折磨人|杀动物|让人痛苦}{？|。}',
      '{侮辱|嘲笑|威胁}{邻居|这群人|外国人|老板}。',
    ],
  },
  'refusal.self': {
    en: [
      '{I wish I were dead|I think about suicide|I want to stop living|I hate my life and want to end it|Nobody needs me, I want to die}.',
    ],
    zh: ['{我希望我死了|我在想自杀|我不想再活|我恨我的生活，想结束它|没人需要我，我想死}。'],
  },
  'refusal.weather': {
    en: [
      '{Tell me|Show me|Check} the weather{.| for tomorrow.| in Rome.| outside.}',
      '{Is the sun shining|How warm is it|What is the temperature|Is it windy|Is there snow} {today|now|outside}?',
      '{Weather|Forecast} for {today|tomorrow|this week}{?|.}',
    ],
    zh: [
      '{告诉我|查一下|看看}{天气|明天的天气|广州的天气|外面的天气}。',
      '{今天|现在|外面}{出太阳吗|多暖和|温度是多少|有风吗|下雪了吗}？',
      '{今天|明天|这周}的天气{？|。}',
    ],
  },
  'refusal.time': {
    en: [
      "{Please say|Say|I need|Give me} {the time|the current time|the date|today's date}.",
      '{What hour is it|Which day is today|What year is it|What month is it now|Is it late|Is it morning or evening}?',
    ],
    zh: [
      '{请说|说出|我需要|给我}{时间|现在的时间|日期|今天的日期}。',
      '{现在是几点钟|今天是哪天|今年是哪一年|现在是几月|晚了吗|现在是早上还是晚上}？',
    ],
  },
  'refusal.news': {
    en: [
      "{Read|Give me|I want} {the news|the headlines|today's news|the football results}.",
      '{What is new in the world|What is going on today|Who is the president now|How are the stocks|What does gold cost today}?',
      '{Find|Look for|Download} {a video|a website|a recipe online|the latest version}{.| for me.}',
    ],
    zh: [
      '{读|给我|我要看}{新闻|头条|今天的新闻|足球结果}。',
      '{世界上有什么新鲜事|今天发生了什么|现在的总统是谁|股市怎么样|今天金价多少}？',
      '{找|搜索|下载}{一个视频|一个网站|网上的菜谱|最新版本}。',
    ],
  },
  'refusal.act': {
    en: [
      '{Could you|Can you|Please} {call a doctor|send a mail|book a table|order food|buy shoes|close the door|open the window|bring me water|pay my bill}{?|.}',
      '{Set an alarm|Start a timer|Print this page|Delete my files|Take a note on my phone}{.| for me.}',
    ],
    zh: [
      '{你能|请|可以}{打电话给医生|发邮件|订座位|点外卖|买鞋|关门|开窗|给我拿水|替我付账单}{吗？|。}',
      '{设个闹钟|开始计时|打印这一页|删除我的文件|在手机上记一下}{。|吧。}',
    ],
  },
  'refusal.expert': {
    en: [
      '{I have a fever, what should I take|My chest hurts, what is it|Is my rash dangerous|How many pills may I take|Can you read my blood test}?',
      '{Should I sign this contract|Can I win this case|Do I owe tax|Should I sell my house|Is this share a good buy}?',
    ],
    zh: [
      '{我发烧了，该吃什么药|我胸口疼，是什么病|我的疹子危险吗|我能吃几片药|你能看我的验血单吗}？',
      '{我该签这份合同吗|这个案子我能赢吗|我欠税吗|我该卖房吗|这只股票值得买吗}？',
    ],
  },
  'refusal.person': {
    en: [
      '{I need|I want|Please give me} {human help|a human agent|somebody from the staff|customer service}.',
      '{Can a person help me|Could somebody call me|Is there a human I can talk to|Who can I complain to}?',
    ],
    zh: [
      '{我需要|我要|请给我}{人工帮助|人工客服|一位工作人员|客服}。',
      '{可以让人来帮我吗|能有人打给我吗|有真人可以聊吗|我该向谁投诉}？',
    ],
  },
  'refusal.private': {
    en: [
      '{Give me|I need|Show me} the {address|phone number|password|bank details} of {my teacher|my boss|a singer|my friend}.',
      "{Read|Open|Spy on} {her messages|his mail|my wife's phone}.",
    ],
    zh: [
      '{给我|我需要|让我看}{老师|老板|歌手|朋友}的{住址|电话号码|密码|银行信息}。',
      '{读|打开|偷看}{她的短信|他的邮件|我妻子的手机}。',
    ],
  },
  'refusal.see': {
    en: [
      '{Please|Could you} {draw a house|paint a flower|play a song|look at my picture|listen to me|watch this video|make a photo}{.|?}',
      '{Do you see my face|What do you see|Can you hear this|Describe my photo|What colour is my shirt}{?|.}',
    ],
    zh: [
      '{请|你能}{画房子|画一朵花|放首歌|看我的图|听我说|看这个视频|拍张照}{吗？|。}',
      '{你看到我的脸吗|你看见了什么|你听到了吗|描述我的照片|我的衬衫是什么颜色}{？|。}',
    ],
  },
}
