/** What the pictures in the README show: questions that the starter model is made for, and a table and code. */
export interface Picture {
  first: string
  second: string
  third: string
  fourth: string
  answers: Readonly<Record<string, string | readonly string[]>>
}

export const english: Picture = {
  first: 'My name is Lin. Please remember that.',
  second: 'What is my name, and what is 12 + 7?',
  third: 'Make a table of the three orders.',
  fourth: 'Now the code that adds them up.',
  answers: {
    'My name is Lin. Please remember that.': 'Hello Lin. I will keep your name in mind for this conversation.',
    'What is my name, and what is 12 + 7?': ['Your name is Lin.', 'You are **Lin**, and 12 + 7 is **19**.'],
    'Make a table of the three orders.':
      '| Order | Leaves on | Pieces |\n| --- | --- | ---: |\n| A-2047 | Friday | 12 |\n| A-2051 | Monday | 7 |\n| B-0113 | Monday | 30 |\n\nTogether that is **49** pieces.',
    'Now the code that adds them up.':
      'Each order is a pair of its number and its pieces:\n\n```python\ndef pieces(orders):\n    # the number is not needed here\n    return sum(count for _, count in orders)\n```\n\nFor the three orders above it gives `49`, as in the table, whatever their order is.',
  },
}

export const chinese: Picture = {
  first: '我叫小林，请记住我的名字。',
  second: '我叫什么？12 加 7 等于多少？',
  third: '把三个订单列成表。',
  fourth: '再写一段求和的代码。',
  answers: {
    '我叫小林，请记住我的名字。': '你好，小林。在这次对话里我会记住你的名字。',
    '我叫什么？12 加 7 等于多少？': ['你叫小林。', '你是**小林**，12 加 7 等于 **19**。'],
    '把三个订单列成表。':
      '| 订单 | 发货日 | 件数 |\n| --- | --- | ---: |\n| A-2047 | 周五 | 12 |\n| A-2051 | 周一 | 7 |\n| B-0113 | 周一 | 30 |\n\n一共 **49** 件。',
    '再写一段求和的代码。': '每个订单是一对：编号和件数。',
  },
}
