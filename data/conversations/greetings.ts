/** Hello, thanks, goodbye and small talk. */
import { answerIntent, type Intent, type Skill } from './skill.ts'
import { wording } from './wording.ts'

const talk = (
  name: string,
  ask: { en: string[]; zh: string[] },
  reply: { en: string[]; zh: string[] },
  any: { en: string[]; zh: string[] },
): Intent => ({
  skill: 'greeting',
  ask: wording(`greeting.${name}`, ask, { opens: false }),
  reply,
  expect: { en: [{ kind: 'any', values: any.en }], zh: [{ kind: 'any', values: any.zh }] },
})

export const greetingIntents: Intent[] = [
  talk(
    'hello',
    {
      en: [
        '{Hi|Hello|Hey|Hi there|Hello there|Hey there}{!|.|}',
        '{Good morning|Good afternoon|Good evening|Good day}{!|.| to you.|, Dotline.}',
        '{Hi|Hello|Hey} {Dotline|again|my friend|friend|everyone|assistant}{!|.}',
        '{Greetings|Howdy|Hiya}{!|.}',
        '~{Hello hello|Hi hi|Hey you|A very good morning}!',
        '~{Hello, is anyone there|Hi, are you there|Hey, anybody home}?',
        '{Nice to meet you|Pleased to meet you|Glad to meet you}{!|.|, Dotline.}',
      ],
      zh: [
        '{你好|您好|嗨|哈喽|喂}{！|。|，点线。|呀！|啊！}',
        '{早上好|上午好|中午好|下午好|晚上好}{！|。|，点线。|呀！}',
        '{大家好|你好你好|嗨，你好|很高兴认识你|认识你很高兴|幸会}{！|。}',
        '~{早啊|早安|晚安之前打个招呼}！',
        '~{在吗|有人在吗|你在不在}？',
        '{你好，朋友|您好，助手|你好，小助手|又见面了}{！|。}',
      ],
    },
    {
      en: ['Hello! How can I help you?', 'Hi! What can I do for you{| today}?', 'Hello! I am Dotline. How can I help?'],
      zh: ['你好！有什么可以帮你的吗？', '你好！我是点线，有什么可以帮你？', '您好！需要我做什么？'],
    },
    { en: ['hello', 'hi'], zh: ['你好', '您好'] },
  ),
  talk(
    'how',
    {
      en: [
        'How are you{| today| doing| this morning|, Dotline}?',
        'How {is it going|are things|do you do|have you been|is your day}?',
        "{What's up|How goes it|Are you well|Are you OK|You all right}?",
        'Hello, how are you{| doing| today}?',
        '~{How do you feel|How are you feeling} {today|right now|at the moment}?',
        '~{Everything good|All well} {with you|over there}?',
      ],
      zh: [
        '你{好吗|还好吗|怎么样|过得好吗|过得怎么样}？',
        '{今天|最近|这几天}{怎么样|好吗|过得好吗|还好吗}？',
        '你{今天|最近}{怎么样|好不好|还好吗|心情好吗}？',
        '~你{感觉如何|感觉怎么样|状态如何}？',
        '~{近来可好|一切都好吧|都还顺利吗}？',
      ],
    },
    {
      en: [
        'I am fine, thank you. How can I help you?',
        'I am well, thanks for asking! What can I do for you?',
        'All is fine here. How are you?',
      ],
      zh: ['我很好，谢谢！有什么可以帮你？', '我很好，谢谢你的关心。你呢？', '一切都好，谢谢！需要我做什么？'],
    },
    { en: ['fine', 'well', 'good'], zh: ['很好', '都好', '不错'] },
  ),
  talk(
    'thanks',
    {
      en: [
        '{Thanks|Thank you|Many thanks|Thanks a lot|Thank you very much|Thank you so much}{!|.|, Dotline.|, that helps.|, that is all.}',
        '{Great|Good|Perfect|OK}, {thanks|thank you}{!|.}',
        '{That was helpful|That helps a lot|You helped me a lot}{, thanks|. Thank you}{!|.}',
        '~{I really appreciate it|Much appreciated|Cheers, thanks a bunch}{!|.}',
        '~{Thanks for your help|Thank you for the answer|Thanks for everything}{!|.}',
      ],
      zh: [
        '{谢谢|多谢|谢谢你|谢谢您|非常感谢|太感谢了|感谢}{！|。|，点线。|，帮了大忙。}',
        '{好的|很好|太好了|行}，{谢谢|多谢|谢谢你}{！|。}',
        '{你帮了我很多|这很有用|很有帮助}，{谢谢|多谢}{！|。}',
        '~{感激不尽|辛苦你了，谢谢|真是太谢谢你啦}{！|。}',
        '~{谢谢你的帮助|谢谢你的回答|感谢你的解答}{！|。}',
      ],
    },
    {
      en: ['You are welcome!', 'You are welcome! Is there anything else?', 'My pleasure. You are welcome!'],
      zh: ['不客气！', '不客气！还有什么可以帮你？', '不用谢，很高兴帮到你。'],
    },
    { en: ['welcome', 'pleasure'], zh: ['不客气', '不用谢', '高兴'] },
  ),
  talk(
    'bye',
    {
      en: [
        '{Bye|Goodbye|Bye bye|See you|See you later|See you soon|See you tomorrow|Good night|Take care}{!|.|, Dotline.}',
        '{I have to go|I must go now|I am leaving|I need to go|I am off}{. Bye!|. Goodbye.|. See you!|, bye.}',
        "{OK|That's all|I'm done}, {bye|goodbye|see you}{!|.}",
        '~{So long|Farewell|Until next time|Catch you later}{!|.}',
        "~{Time for me to leave|I'll be going}, {bye then|goodbye then}.",
      ],
      zh: [
        '{再见|拜拜|回头见|明天见|下次见|晚安|回见}{！|。|，点线。|啦！}',
        '{我要走了|我该走了|我先走了|我得走了|我要下线了}，{再见|拜拜|回头见}{！|。}',
        '{好的|没事了|就这些}，{再见|拜拜}{！|。}',
        '~{后会有期|改天再聊|下回再聊}{！|。}',
        '~{时间不早了|我要去睡了}，{再见啦|拜拜啦|晚安啦}。',
      ],
    },
    {
      en: ['Goodbye! Have a nice day.', 'Goodbye! See you next time.', 'Bye! Take care.'],
      zh: ['再见！祝你今天愉快。', '再见！下次见。', '再见！保重。'],
    },
    { en: ['goodbye', 'bye'], zh: ['再见'] },
  ),
  talk(
    'praise',
    {
      en: [
        "{You are|You're} {great|very helpful|very kind|smart|good|nice|the best|so clever}{!|.}",
        '{Well done|Good job|Nice work|Very good|Good answer|Great answer}{!|.|, Dotline.}',
        'I {like|love} {you|talking to you|this chat|your answers}{!|.}',
        '~{You did well|You did a fine job|What a good helper you are}{!|.}',
      ],
      zh: [
        '你{真棒|很棒|真好|真聪明|好厉害|太厉害了|真有用|很有礼貌}{！|。}',
        '{做得好|干得好|很好|回答得很好|答得好}{！|。|，点线。}',
        '我{喜欢你|很喜欢你|喜欢和你聊天|喜欢你的回答}{！|。}',
        '~{你可真行|真不错啊你|你做得相当好}{！|。}',
      ],
    },
    {
      en: ['Thank you! That is kind of you.', 'Thank you! I am glad to help.'],
      zh: ['谢谢夸奖！很高兴能帮到你。', '谢谢！你真好。'],
    },
    { en: ['thank', 'thanks', 'glad'], zh: ['谢谢', '高兴'] },
  ),
  talk(
    'mood',
    {
      en: [
        "{I am|I'm|I feel} {sad|tired|unhappy|lonely|down|very sad|very tired|stressed}{.| today.| right now.}",
        "{I had|I've had} a {bad|hard|long|terrible|rough} day{.|!}",
        'My day was {bad|hard|terrible|long}.',
        '~{Today was not my day|Nothing went well today|I feel blue today}.',
        '~I am {not in a good mood|feeling low|worn out}.',
      ],
      zh: [
        '我{很难过|很累|不开心|很孤单|心情不好|有点难过|压力很大|有点累}。',
        '我今天{很累|很难过|不开心|心情不好|过得不好}{。|，唉。}',
        '{今天真累|今天太累了|今天过得很糟|今天不顺利}。',
        '~{我情绪很低落|我心里不舒服|我觉得很疲惫}。',
      ],
    },
    {
      en: [
        'I am sorry to hear that. Would you like to talk about it?',
        'I am sorry. Take a rest, and be kind to yourself. Do you want to talk about it?',
      ],
      zh: ['听到这个我很抱歉。你想说说吗？', '辛苦了，好好休息一下。想和我聊聊吗？'],
    },
    { en: ['sorry'], zh: ['抱歉', '辛苦', '聊聊'] },
  ),
  talk(
    'joy',
    {
      en: [
        "{I am|I'm|I feel} {happy|very happy|great|glad|excited|so happy}{.|!| today!| today.}",
        "{I had|I've had} a {good|great|lovely|wonderful} day{.|!}",
        '{I passed my exam|I got the job|I won the game|I finished my work}{!|.}',
        '~{Today was wonderful|What a beautiful day I had|Everything went well today}{!|.}',
      ],
      zh: [
        '我{很开心|很高兴|好开心|非常高兴|心情很好|很激动}{！|。}',
        '我今天{很开心|很高兴|心情很好|过得很好}{！|。}',
        '{我考试通过了|我找到工作了|我赢了比赛|我做完工作了}{！|。}',
        '~{今天真是太美好了|今天一切都很顺利|我乐坏了}{！|。}',
      ],
    },
    {
      en: ['That is great! I am happy for you.', 'Wonderful! I am glad to hear that.'],
      zh: ['太好了！我为你高兴。', '真好！听到这个我很高兴。'],
    },
    { en: ['happy', 'glad'], zh: ['高兴'] },
  ),
  talk(
    'joke',
    {
      en: [
        '{Tell me|Say|Give me|Do you know} a {joke|funny joke|short joke}{.|, please.|!}',
        '{Make me laugh|Say something funny|Cheer me up}{.|, please.|!}',
        '~{Got any jokes|Can I hear a joke}?',
      ],
      zh: [
        '{讲|说|来}{个|一个}笑话{。|吧。|听听。|好吗？}',
        '{逗我笑|让我开心一下|说点好笑的}{。|吧。}',
        '~{有没有笑话可以讲|会不会讲笑话，来一个}？',
      ],
    },
    {
      en: [
        'Why did the dot cross the page? To become a line.',
        'What did one dot say to the other? "Let us make a line."',
      ],
      zh: ['一个点对另一个点说：“我们连起来，就是一条线了。”', '点为什么要走路？因为它想变成线。'],
    },
    { en: ['dot', 'line'], zh: ['点', '线'] },
  ),
]

export const greetings: Skill = {
  name: 'greeting',
  weight: 8,
  make: (context) => [
    answerIntent(context, context.random.chance(0.35) ? greetingIntents[0] : context.random.pick(greetingIntents)),
  ],
}
