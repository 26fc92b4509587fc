/** How Dotline's own models are shown a conversation. */

/** ChatML as Jinja. A developer's message is a system message; functions stand at the end of the first one. */
export const chatTemplate = [
  "{%- set ns = namespace(tools='') -%}",
  '{%- for tool in tools or [] -%}',
  "{%- set ns.tools = ns.tools + (tool | tojson) + '\\n' -%}",
  '{%- endfor -%}',
  "{%- if ns.tools != '' -%}",
  '{%- set ns.tools = \'You can call these functions:\\n<tools>\\n\' + ns.tools + \'</tools>\\nTo call one, write:\\n<tool_call>\\n{"name": "...", "arguments": {...}}\\n</tool_call>\' -%}',
  "{%- if not (messages and messages[0].role in ['system', 'developer']) -%}",
  "{{- '<|im_start|>system\\n' + ns.tools + '<|im_end|>\\n' -}}",
  "{%- set ns.tools = '' -%}",
  '{%- endif -%}',
  '{%- endif -%}',
  '{%- for message in messages -%}',
  "{{- '<|im_start|>' + ('system' if message.role == 'developer' else message.role) + '\\n' -}}",
  '{{- message.content -}}',
  "{%- if loop.first and ns.tools != '' -%}{{- '\\n\\n' + ns.tools -}}{%- endif -%}",
  '{%- for call in message.tool_calls or [] -%}',
  "{%- if message.content or not loop.first -%}{{- '\\n' -}}{%- endif -%}",
  '{{- \'<tool_call>\\n{"name": \' + (call.function.name | tojson) + \', "arguments": \' -}}',
  '{{- call.function.arguments if call.function.arguments is string else call.function.arguments | tojson -}}',
  "{{- '}\\n</tool_call>' -}}",
  '{%- endfor -%}',
  "{{- '<|im_end|>\\n' -}}",
  '{%- endfor -%}',
  "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}",
].join('\n')
