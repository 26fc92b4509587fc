/** Around the JSON of a call, in what models are shown and in what they write. */
export const callOpen = '<tool_call>'
export const callClose = '</tool_call>'
