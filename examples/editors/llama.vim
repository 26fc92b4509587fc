" For the plug-in llama.vim (ggml-org/llama.vim): put this into your vimrc, before the plug-in is loaded.
let g:llama_config = {
    \ 'endpoint': 'http://127.0.0.1:8787/infill',
    \ 'api_key': '',
    \ 'n_prefix': 64,
    \ 'n_suffix': 16,
    \ 'n_predict': 32,
    \ 't_max_prompt_ms': 500,
    \ 't_max_predict_ms': 1000,
    \ }
