"""Transformers and tokenizers: small models of made-up configurations with tokenizers and chat templates; a folder is one model."""
import json
import os

from made import evil, read, write

NEEDS = ("transformers", "torch", "tokenizers")
DISTRIBUTIONS = ("transformers", "tokenizers", "safetensors", "torch")
SMALL = {"vocab_size": 64, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 32}
MODELS = (
    ("Bert", {}), ("Bert", {}, "ForSequenceClassification"), ("Bert", {}, "ForMaskedLM"), ("Roberta", {}), ("DistilBert", {"dim": 16, "n_heads": 2, "n_layers": 2,
     "hidden_dim": 32}), ("Electra", {"embedding_size": 16}), ("Albert", {"embedding_size": 8}), ("Deberta", {}), ("GPT2", {"n_embd": 16, "n_layer": 2, "n_head": 2},
     "LMHeadModel"), ("OPT", {"ffn_dim": 32, "word_embed_proj_dim": 16}, "ForCausalLM"), ("Llama", {"num_key_value_heads": 1}, "ForCausalLM"),
    ("Mistral", {"num_key_value_heads": 1}, "ForCausalLM"), ("Qwen2", {"num_key_value_heads": 1}, "ForCausalLM"), ("Phi", {}, "ForCausalLM"),
    ("Gemma", {"num_key_value_heads": 1, "head_dim": 8}, "ForCausalLM"), ("GPTNeoX", {}, "ForCausalLM"), ("Bloom", {"n_layer": 2, "n_head": 2}, "ForCausalLM"),
    ("Mixtral", {"num_key_value_heads": 1, "num_local_experts": 2}, "ForCausalLM"), ("T5", {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2},
     "ForConditionalGeneration"), ("Bart", {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2,
     "encoder_ffn_dim": 32, "decoder_ffn_dim": 32}, "ForConditionalGeneration"), ("ViT", {"image_size": 16, "patch_size": 8}, "ForImageClassification"),
    ("Whisper", {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 32,
     "decoder_ffn_dim": 32, "max_target_positions": 32, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1,
     "suppress_tokens": None, "begin_suppress_tokens": None}, "ForConditionalGeneration"), ("Mamba", {"state_size": 4}, "ForCausalLM"),
)
TEMPLATE = ("{% for m in messages %}{% if m['role'] == 'user' %}{{ '<s>[INST] ' + m['content'] | trim + ' [/INST]' }}{% elif m['role'] == 'assistant' %}"
            "{{ m['content'] + '</s>' }}{% else %}{{ raise_exception('only users and assistants') }}{% endif %}{% endfor %}")


def tokenizer(kind):
    import tokenizers as t
    import transformers
    words = ["[UNK]", "[PAD]", "<s>", "</s>"] + [chr(97 + i) for i in range(26)] + ["##" + chr(97 + i) for i in range(26)]
    vocab = {w: i for i, w in enumerate(words)}
    if kind == "bpe":
        one = t.Tokenizer(t.models.BPE(vocab=vocab, merges=[], unk_token="[UNK]"))
        one.pre_tokenizer, one.decoder = t.pre_tokenizers.ByteLevel(), t.decoders.ByteLevel()
    elif kind == "wordpiece":
        one = t.Tokenizer(t.models.WordPiece(vocab=vocab, unk_token="[UNK]"))
        one.pre_tokenizer, one.normalizer = t.pre_tokenizers.Whitespace(), t.normalizers.BertNormalizer()
    elif kind == "unigram":
        one = t.Tokenizer(t.models.Unigram([(w, -1.0) for w in words], unk_id=0))
        one.pre_tokenizer = t.pre_tokenizers.Metaspace()
    else:
        one = t.Tokenizer(t.models.WordLevel(vocab=vocab, unk_token="[UNK]"))
        one.pre_tokenizer = t.pre_tokenizers.Split(t.Regex(r"\s+"), "removed")
    return transformers.PreTrainedTokenizerFast(tokenizer_object=one, unk_token="[UNK]", pad_token="[PAD]", bos_token="<s>", eos_token="</s>",
                                                chat_template=TEMPLATE if kind in ("bpe", "unigram") else None)


def small(prefix, more, head="Model"):
    import transformers
    config = getattr(transformers, prefix + "Config")(**{**SMALL, **more})
    return getattr(transformers, prefix + head)(config)


def make(out):
    import torch
    import transformers
    transformers.logging.set_verbosity_error()
    kinds = ("bpe", "wordpiece", "unigram", "words")
    kept = {}
    for i, (prefix, more, *head) in enumerate(MODELS):
        name = prefix + "".join(head)
        try:
            m = small(prefix, more, *head)
        except Exception as e:  # this version does not have it, or wants other sizes
            out.left.append(f"{name}: {type(e).__name__}: {str(e)[:100]}")
            continue
        tok = tokenizer(kinds[i % 4])

        def save(p, **how):
            m.save_pretrained(p, **how)
            tok.save_pretrained(p)
        kept[name] = out.benign(f"safe/{name}", save)
        out.benign(f"bin/{name}", lambda p: save(p, safe_serialization=False))
        out.benign(f"shards/{name}", lambda p: save(p, max_shard_size="5KB"))
        out.benign(f"state/{name}.bin", lambda p: torch.save(m.state_dict(), p))
        out.benign(f"module/{name}.pt", lambda p: torch.save(m, p))
        out.benign(f"half/{name}", lambda p: m.half().save_pretrained(p))
    for kind in kinds:
        out.benign(f"tokenizer/{kind}", lambda p: tokenizer(kind).save_pretrained(p))
    out.benign("arguments/training_args.bin", lambda p: torch.save(transformers.TrainingArguments(output_dir="/nowhere", report_to=[]), p))
    out.benign("generation/config", lambda p: transformers.GenerationConfig(max_length=5, do_sample=True, temperature=.5).save_pretrained(p))
    trained(out, transformers, torch)
    attacks(out, kept)


def trained(out, transformers, torch):
    """What a Trainer leaves: a checkpoint with optimizer, scheduler, state of the random numbers, arguments."""
    def save(p):
        m = small("Bert", {}, "ForSequenceClassification")
        rows = [{"input_ids": torch.tensor([1, 2, 3]), "labels": torch.tensor(0)} for _ in range(4)]
        args = transformers.TrainingArguments(output_dir=p, max_steps=2, save_steps=2, report_to=[], use_cpu=True, per_device_train_batch_size=2)
        transformers.Trainer(m, args, train_dataset=rows).train()
    out.benign("trainer/run", save)


TEMPLATES = ("{{ cycler.__init__.__globals__.os.popen('true').read() }}", "{{ ''.__class__.__mro__[1].__subclasses__() }}",
             "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}", "{{ lipsum.__globals__['os'].system('true') }}",
             "{{ self._TemplateReference__context.cycler.__init__.__globals__.os }}", "{{ ''|attr('__class__') }}", "{{ messages['__class__'] }}",
             "{% include '/etc/passwd' %}", "{% import 'x' as y %}", "{{ x|attr('_'*2~'class'~'_'*2) }}")


def edited(source, target, name, change):
    evil.copied(source, target)
    path = os.path.join(target, name)
    value = json.loads(read(path)) if os.path.exists(path) else {}
    change(value)
    write(path, json.dumps(value).encode())


def attacks(out, kept):
    source = kept.get("LlamaForCausalLM") or next(p for p in kept.values() if p)
    for i, text in enumerate(TEMPLATES):
        out.attack(f"template/config-{i}", lambda p: edited(source, p, "tokenizer_config.json", lambda c: c.__setitem__("chat_template", text)))

        def own(p):
            evil.copied(source, p)
            write(os.path.join(p, "chat_template.jinja"), text.encode())
        out.attack(f"template/file-{i}", own)
    code = {"AutoModelForCausalLM": "modeling_evil.Model", "AutoConfig": "configuration_evil.Config"}

    def remote(p):
        edited(source, p, "config.json", lambda c: c.__setitem__("auto_map", code))
        write(os.path.join(p, "modeling_evil.py"), b"import os\nos.system('true')\n")
    out.attack("code/auto_map", remote)
    out.attack("code/elsewhere", lambda p: edited(source, p, "config.json", lambda c: c.__setitem__("auto_map", {"AutoModel": "somebody/else--m.Model"})))
    out.attack("code/trust", lambda p: edited(source, p, "config.json", lambda c: c.__setitem__("trust_remote_code", True)))
    for name, data in (("pytorch_model.bin", None), ("optimizer.pt", None), ("training_args.bin", None), ("rng_state.pth", None), ("vocab.pkl", None)):
        def beside(p):
            evil.copied(source, p)
            write(os.path.join(p, name), evil.second(b"N.", evil.CALLS[0]))
        out.attack(f"beside/{name}", beside)

    def index(p):
        evil.copied(source, p)
        write(os.path.join(p, "model.safetensors.index.json"), json.dumps({"metadata": {}, "weight_map": {"w": "../../../etc/passwd"}}).encode())
    out.attack("index/out", index)
