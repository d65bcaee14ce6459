"""How the rows of transformers.toml are called."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

SETUP = """
import dataclasses, json, os, tempfile
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
import pytest
import torch
import transformers, transformers.trainer_utils
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

SIZES = dict(
    hidden_size=16, d_model=16, n_embd=16, dim=16, embed_dim=16, embedding_size=16, hidden_dim=16, head_dim=8,
    num_hidden_layers=1, n_layer=1, n_layers=1, num_layers=1, encoder_layers=1, decoder_layers=1,
    num_attention_heads=2, n_head=2, n_heads=2, num_heads=2, num_key_value_heads=2,
    encoder_attention_heads=2, decoder_attention_heads=2,
    intermediate_size=16, n_inner=16, d_ff=16, d_kv=8, ffn_dim=16, encoder_ffn_dim=16, decoder_ffn_dim=16,
    word_embed_proj_dim=16, vocab_size=32, max_position_embeddings=16, n_positions=16, n_ctx=16, rotary_dim=4,
    image_size=8, patch_size=2, pad_token_id=0, attention_types=[[["global"], 1]], attention_window=4,
    decoder_hidden_size=16, decoder_num_hidden_layers=1, decoder_num_attention_heads=2, decoder_intermediate_size=16,
    num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2, conv_dim=[16], conv_kernel=[3], conv_stride=[2],
    num_feat_extract_layers=1, num_mel_bins=8, max_source_positions=16, max_target_positions=16, codevector_dim=16,
    proj_codevector_dim=16, num_local_experts=2, num_frames=2, tubelet_size=2,
)
STAGES = dict(
    image_size=8, patch_size=2, embed_dim=4, depths=[1], num_heads=[1], window_size=2, hidden_sizes=[16], num_stages=1,
    embedding_size=16, num_encoder_blocks=1, sr_ratios=[1], patch_sizes=[3], strides=[2], num_attention_heads=[1],
    mlp_ratios=[1], decoder_hidden_size=16, num_hidden_layers=1,
)


def tiny(name):
    kind = getattr(transformers, name).config_class
    staged = kind.__name__ in {"ConvNextConfig", "ResNetConfig", "SegformerConfig", "SwinConfig"}
    return kind(**(STAGES if staged else SIZES))


def saved(name):
    if name not in folders:
        folders[name] = tempfile.mkdtemp()
        with torch.random.fork_rng():
            transformers.AutoModel.from_config(tiny(name)).save_pretrained(folders[name])
    return folders[name]


def whole(name):
    if name not in wholes:
        wholes[name] = tempfile.mkdtemp()
        with torch.random.fork_rng():
            make = getattr(transformers, name)
            known = configuration(name)
            model = make.from_config(known) if name.startswith("Auto") else make(known)
            model.save_pretrained(wholes[name])
    return wholes[name]


def configuration(name):
    text = dict(hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, vocab_size=32)
    if name == "CLIPModel":
        return transformers.CLIPConfig(text_config=text, vision_config=dict(text, image_size=8, patch_size=2))
    if name == "DetrForObjectDetection":
        stages = dict(embedding_size=16, hidden_sizes=[16], depths=[1], out_features=["stage1"])
        return transformers.DetrConfig(
            use_timm_backbone=False, backbone=None, use_pretrained_backbone=False,
            backbone_config=transformers.ResNetConfig(**stages), d_model=16, encoder_layers=1, decoder_layers=1,
            encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16,
        )
    if name == "EncoderDecoderModel":
        return transformers.EncoderDecoderConfig.from_encoder_decoder_configs(bert, bert)
    if name == "VisionEncoderDecoderModel":
        return transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(tiny("ViTModel"), bert)
    if name == "MambaForCausalLM":
        return transformers.MambaConfig(vocab_size=32, hidden_size=16, state_size=4, num_hidden_layers=1)
    if name.startswith("XLNet"):
        return transformers.XLNetConfig(vocab_size=32, d_model=16, n_layer=1, n_head=2, d_inner=16)
    return tiny(AUTO.get(name, "BertModel") if name.startswith("Auto") else name)


AUTO = {
    "AutoModelForCTC": "Wav2Vec2Model",
    "AutoModelForImageClassification": "ViTModel",
    "AutoModelForMaskedImageModeling": "ViTModel",
    "AutoModelForSeq2SeqLM": "T5Model",
    "AutoModelForSpeechSeq2Seq": "WhisperModel",
}
wholes = {}
bert = tiny("BertModel")
complete = tempfile.mkdtemp()
transformers.BertForSequenceClassification(bert).save_pretrained(complete)
folders = {}
gpt = transformers.GPT2LMHeadModel(tiny("GPT2Model")).eval()
ids = torch.ones(1, 3, dtype=torch.long)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def forward(self, x, labels=None):
        return {"loss": self.layer(x).mean()}


class Bare(transformers.PreTrainedModel):  # itself, it would leave flags behind that its subclasses read
    pass


class Own(transformers.BertPreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.layer = torch.nn.Linear(2, 2)


class Ready(Own):
    def __init__(self, config):
        super().__init__(config)
        self.post_init()


def ready():
    folder = tempfile.mkdtemp()
    with torch.random.fork_rng():
        Ready(bert).save_pretrained(folder)
    return folder


def the_net():
    return net


def searched(trainer):
    pytest.importorskip("optuna").logging.set_verbosity(40)
    return trainer.hyperparameter_search(lambda trial: {}, n_trials=1, backend="optuna")


class Words:
    pad_token_id, mask_token_id, mask_token, pad_token, eos_token_id, cls_token_id, sep_token_id = 0, 1, "[MASK]", "[PAD]", 2, 3, 4
    padding_side, is_fast, backend = "right", False, "python"

    def __len__(self):
        return 20

    def pad(self, examples, **options):
        return {"input_ids": torch.tensor([one["input_ids"] for one in examples])}

    def get_special_tokens_mask(self, tokens, already_has_special_tokens=False):
        return [0] * len(tokens)

    def convert_tokens_to_ids(self, token):
        return 1


words = Words()
sentences = [{"input_ids": [5, 6, 7, 8]}, {"input_ids": [9, 10, 11, 12]}]
net = Net()
rows = [{"x": torch.ones(2), "labels": torch.tensor(0.0)} for _ in range(4)]
arguments = dict(report_to="none", use_cpu=True, disable_tqdm=True, num_train_epochs=1, save_strategy="no")
options = transformers.TrainingArguments(tempfile.mkdtemp(), **arguments)
options2 = transformers.Seq2SeqTrainingArguments(tempfile.mkdtemp(), **arguments)


@dataclasses.dataclass
class Flags:
    size: int = 1


flags = os.path.join(tempfile.mkdtemp(), "flags")
for ending in ("json", "yaml"):
    with open(f"{flags}.{ending}", "w") as file:
        json.dump({"size": 2}, file)
"""

TRAINER = "transformers.Trainer(net, options, train_dataset=rows)"
TRAINER2 = "transformers.Seq2SeqTrainer(net, options2, train_dataset=rows)"
INIT = "(model_init=the_net, args="

ROWS = tomllib.loads((Path(__file__).parents[3] / "rules" / "apis" / "transformers.toml").read_text(encoding="utf-8"))
DRAWING = [
    name
    for row in ROWS["api"]
    if row.get("draws") and not row.get("shifts") and not row.get("unverifiable")
    for name in (row["name"], *row.get("also", []))
]
MADE = [name for name in DRAWING if re.fullmatch(r"transformers\.(?!Data)\w+", name)]
"""Models that are made from a configuration."""
LOADED = [name.split(".")[1] for name in DRAWING if name.endswith(".from_pretrained")]
"""Models with a head that a headless checkpoint does not hold."""

KINDS = {
    "AudioClassification": "Wav2Vec2Model",
    "CTC": "Wav2Vec2Model",
    "Image": "ViTModel",
    "MaskedImageModeling": "ViTModel",
    "Semantic": "SegformerModel",
    "Seq2SeqLM": "T5Model",
    "SpeechSeq2Seq": "WhisperModel",
    "TextEncoding": "T5Model",
    "Video": "VideoMAEModel",
}
"""What an Auto class is tried with; BERT where nothing is said."""


def kind(name: str) -> str:
    """Name a model class whose configuration fits."""
    if not name.startswith("Auto"):
        return name
    return next((model for part, model in KINDS.items() if name.startswith(f"AutoModelFor{part}")), "BertModel")


EXAMPLES = {
    "transformers.DataCollatorForLanguageModeling": (
        "transformers.DataCollatorForLanguageModeling(words)",
        "it(sentences)",
    ),
    "transformers.DataCollatorForPermutationLanguageModeling": (
        "transformers.DataCollatorForPermutationLanguageModeling(words)",
        "it(sentences)",
    ),
    "transformers.PreTrainedModel.post_init": (
        "Own(bert)",
        "it.post_init()",
    ),
    "transformers.PreTrainedModel.resize_token_embeddings": (
        "transformers.BertModel(bert)",
        "it.resize_token_embeddings(40)",
    ),
    "transformers.Seq2SeqTrainer": TRAINER2.replace("(net, ", INIT),
    "transformers.Seq2SeqTrainer.train": (TRAINER2, "it.train()"),
    "transformers.Trainer": TRAINER.replace("(net, ", INIT),
    "transformers.Trainer.train": (TRAINER, "it.train()"),
    "transformers.enable_full_determinism": "transformers.enable_full_determinism(3)",
    "transformers.set_seed": "transformers.set_seed(3)",
}
EXAMPLES |= {name: f"{name}(tiny({name.split('.')[1]!r}))" for name in MADE}
EXAMPLES |= {name: f"{name}(tiny({kind(name.split('.')[1])!r}))" for name in DRAWING if name.endswith(".from_config")}
for name in dict.fromkeys(LOADED):
    load = f"transformers.{name}.from_pretrained"
    EXAMPLES[load] = f"{load}(saved({kind(name)!r}), num_labels=3)"
    EXAMPLES[f"{load}@call"] = f"{load}(saved({kind(name)!r}), id2label={{0: 'a', 1: 'b', 2: 'c'}})"

STILL = [
    name
    for row in ROWS["api"]
    if (not row.get("draws") or row.get("shifts")) and not row.get("unverifiable")
    for name in (row["name"], *row.get("also", []))
    if name.endswith(".from_pretrained")
]
"""Models whose checkpoints hold every weight."""
EXAMPLES |= {name: f"{name}(whole({name.split('.')[1]!r}))" for name in STILL}
PARSER = "transformers.HfArgumentParser(Flags)"
EXAMPLES |= {
    "transformers.HfArgumentParser": PARSER,
    "transformers.HfArgumentParser.parse_args_into_dataclasses": (PARSER, "it.parse_args_into_dataclasses([])"),
    "transformers.HfArgumentParser.parse_dict": (PARSER, "it.parse_dict({'size': 2})"),
    "transformers.HfArgumentParser.parse_json_file": (PARSER, "it.parse_json_file(flags + '.json')"),
    "transformers.HfArgumentParser.parse_yaml_file": (PARSER, "it.parse_yaml_file(flags + '.yaml')"),
    "transformers.PreTrainedModel": ("Bare(transformers.PreTrainedConfig(attn_implementation='eager'))"),
    "transformers.PreTrainedModel.from_pretrained": "Ready.from_pretrained(ready())",
    "transformers.PreTrainedModel.save_pretrained": (
        "transformers.BertModel.from_pretrained(whole('BertModel'))",
        "it.save_pretrained(tempfile.mkdtemp())",
    ),
    "transformers.Seq2SeqTrainingArguments": (
        "transformers.Seq2SeqTrainingArguments(tempfile.mkdtemp(), report_to='none')"
    ),
    "transformers.TrainingArguments": "transformers.TrainingArguments(tempfile.mkdtemp(), report_to='none')",
    "transformers.pipeline": (
        "transformers.pipeline('image-classification', whole('AutoModelForImageClassification'), "
        "image_processor=transformers.ViTImageProcessorPil(size=dict(height=8, width=8)))"
    ),
}
for name, trainer in {"Seq2SeqTrainer": TRAINER2, "Trainer": TRAINER}.items():
    EXAMPLES |= {
        f"transformers.{name}.evaluate": (trainer, "it.evaluate(rows)"),
        f"transformers.{name}.hyperparameter_search": (
            trainer.replace("(net, ", "(model_init=Net, eval_dataset=rows, args="),
            "searched(it)",
        ),
        f"transformers.{name}.save_metrics": (trainer, "it.save_metrics('eval', {})"),
        f"transformers.{name}.save_model": (trainer, "it.save_model(tempfile.mkdtemp())"),
    }

QUIET = [
    "transformers.AutoModel.from_pretrained(saved('BertModel'))",
    "transformers.BertModel.from_pretrained(saved('BertModel'))",
    "transformers.AutoModelForSequenceClassification.from_pretrained(complete)",
    "transformers.DataCollatorForLanguageModeling(words, mlm=False)(sentences)",
    "transformers.TrainingArguments(tempfile.mkdtemp(), report_to='none')",
    "gpt.generate(ids, max_new_tokens=2, do_sample=False)",
]
