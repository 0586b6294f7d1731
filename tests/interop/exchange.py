"""Weights to and from PyTorch: both sides must compute the same to 1e-5. Arguments: the program exchange, an empty folder."""
import json
import os
import struct
import subprocess
import sys

try:
    import torch
except ImportError as missing:
    print(f"SKIPPED: {missing}; pip install torch")
    sys.exit(0)
from torch import nn


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(7, 9), nn.Tanh(), nn.LayerNorm(9), nn.Linear(9, 4))

    def forward(self, x):
        return self.layers(x)


class Picture(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ConvTranspose2d(8, 4, 3, stride=2)
        self.head = nn.Linear(4 * 9 * 9, 5)

    def forward(self, x):
        return self.head(torch.relu(self.up(self.pool(torch.relu(self.norm(self.conv(x)))))).flatten(1))


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.lstm = nn.LSTM(6, 5, num_layers=2, bidirectional=True)
        self.gru = nn.GRU(10, 4)
        self.head = nn.Linear(4, 3)

    def forward(self, ids):
        return self.head(self.gru(self.lstm(self.embedding(ids))[0])[0])


class Sentence(nn.Module):
    def __init__(self):
        super().__init__()
        self.post = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.pre = nn.TransformerEncoderLayer(8, 2, 16, activation="gelu", batch_first=True, norm_first=True)

    def forward(self, x):
        return self.pre(self.post(x))


def resnet18():
    """torchvision's, where that is installed."""
    import torchvision

    return torchvision.models.resnet18()


def gpt2():
    """Hugging Face's GPT-2, small, with its tied head, where transformers is installed."""
    import transformers

    sizes = {"vocab_size": 31, "n_positions": 16, "n_embd": 24, "n_layer": 2, "n_head": 3, "bos_token_id": 0, "eos_token_id": 0}
    model = transformers.GPT2Model(transformers.GPT2Config(**sizes, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0))
    model.hidden = model.forward
    model.forward = lambda ids: model.hidden(ids).last_hidden_state @ model.wte.weight.T
    return model


def read_safetensors(path):
    """The format in a few lines, so that no package is needed."""
    kinds = {"F32": torch.float32, "I64": torch.int64}
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    return {
        name: torch.frombuffer(bytearray(data[slice(*of["data_offsets"])]), dtype=kinds[of["dtype"]]).reshape(of["shape"])
        for name, of in header.items()
        if name != "__metadata__"
    }


program, folder = sys.argv[1:]
torch.manual_seed(1)
nets = {
    "plain": (Plain(), torch.randn(5, 7)),
    "picture": (Picture(), torch.randn(2, 3, 16, 16)),
    "words": (Words(), torch.randint(11, (6, 3))),
    "sentence": (Sentence(), torch.randn(3, 5, 8)),
}
for model, x in (resnet18, torch.randn(2, 3, 64, 64)), (gpt2, torch.randint(31, (2, 13))):
    try:
        nets[model.__name__] = (model(), x)
    except ImportError as missing:
        print(f"{model.__name__} is left out: {missing}")
with torch.no_grad():
    for name, (net, x) in nets.items():
        net(x)  # in training mode: running statistics become other than 0 and 1
        net.eval()
        torch.save(net.state_dict(), os.path.join(folder, name + ".pt"))
        torch.save({"x": x, "y": net(x)}, os.path.join(folder, name + "_io.pt"))
    subprocess.run([program, folder], check=True)
    for name, (net, x) in nets.items():
        ours = read_safetensors(os.path.join(folder, name + "_ours.safetensors"))
        x, y = ours.pop("x"), ours.pop("y")
        net.load_state_dict(ours)
        difference = ((net(x) - y).abs() / y.abs().clamp(min=1)).max().item()
        print(f"{name}: our weights, outputs differ by {difference:.2g}")
        assert difference <= 1e-5, name
print("passed")
