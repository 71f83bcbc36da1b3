# SPDX-License-Identifier: Apache-2.0
"""Training cells: OCR-B characters with everything that an image does to them.

Glyphs come from Debian's fonts-ocr-b and are drawn once; a cell is cut out of three neighbours with a
random affine map, and gets paper, print, blur, low resolution, noise and JPEG blocks. Nothing here
knows how scripts/mrzgen draws, and nothing that mrzgen drew is ever used.
"""
import math

import numpy
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
NONE = len(ALPHABET)  # no character stands in this cell
WIDTH, HEIGHT = 20, 24  # pixels of a cell; 16 are one pitch
FONTS = ("OCRB.otf", "OCRBS.otf")
FOLDER = "/usr/share/fonts/opentype/ocr-b/"
OTHER = ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
         "/usr/share/fonts/truetype/dejavu/DejaVuSerif-Bold.ttf")
PITCH_EM = 0.7229  # advance of every OCR-B glyph
FINE = 32  # pixels a pitch of the drawn glyphs
SIDE = 3 * FINE  # a drawn glyph's square: three pitches
UPSIDE_DOWN = "12345679ACEFGJKLMPQRTUVWY<"  # these turned by half are no character


def draw(font_file, em, character):
    """Ink of one glyph, 0..1, its cell's middle in the middle of the square."""
    scale = 4
    font = ImageFont.truetype(font_file, round(em * scale))
    image = Image.new("L", (SIDE * scale, SIDE * scale), 0)
    middle = SIDE * scale / 2
    ImageDraw.Draw(image).text((middle, middle + 0.5 * FINE * scale), character, 255, font=font,
                               anchor="ms")
    small = image.resize((SIDE, SIDE), Image.BOX)
    return torch.from_numpy(numpy.asarray(small, dtype=numpy.float32) / 255.0)


class Cells:
    """An endless source of batches, the same for the same seed."""

    def __init__(self, seed, paper=0.0):
        self.paper = paper  # share of cells that are nothing but paper
        torch.manual_seed(seed)
        em = FINE / PITCH_EM
        blank = torch.zeros(SIDE, SIDE)
        drawn = torch.stack([draw(FOLDER + name, em, c) for name in FONTS for c in ALPHABET])
        fat = F.max_pool2d(drawn[:, None], 3, 1, 1)[:, 0]
        thin = -F.max_pool2d(-drawn[:, None], 3, 1, 1)[:, 0]
        weights = [drawn + amount * (fat - drawn) for amount in (0.0, 0.3, 0.6, 1.0)]
        weights += [drawn + amount * (thin - drawn) for amount in (0.25, 0.5, 0.8)]
        each = torch.cat(weights).reshape(-1, NONE, SIDE, SIDE)  # one typeface a row
        self.atlas = torch.cat([each, blank.expand(len(each), 1, SIDE, SIDE)], 1)
        words = "abcdefghkmnprstuwxyz.,:-/()&%#@+=éßöñжшдяب"
        self.clutter = torch.stack([draw(name, size, c) for name in OTHER for c in words
                                    for size in (FINE * 0.7, FINE * 1.6)])
        k = torch.arange(8, dtype=torch.float32)
        self.dct = torch.cos((2 * k[None, :] + 1) * k[:, None] * math.pi / 16) * 0.5
        self.dct[0] *= math.sqrt(0.5)
        self.step = 1 + (k[:, None] + k[None, :]) * 1.0

    def ink(self, labels, kinds):
        """Three neighbours in a square of three pitches."""
        n = len(labels)
        font = torch.randint(len(self.atlas), (n,))
        beside = torch.randint(NONE, (2, n))
        roll = torch.rand(2, n)
        beside[roll < 0.25] = NONE - 1
        beside[roll > 0.9] = NONE
        middle = self.atlas[font, labels]
        turned = kinds == 3
        if turned.any():
            pick = torch.tensor([ALPHABET.index(c) for c in UPSIDE_DOWN])
            chosen = pick[torch.randint(len(pick), (int(turned.sum()),))]
            middle[turned] = torch.flip(self.atlas[font[turned], chosen], (1, 2))
        other = kinds == 4
        if other.any():
            middle[other] = self.clutter[torch.randint(len(self.clutter), (int(other.sum()),))]
        ink = middle.clone()
        left, right = self.atlas[font, beside[0]], self.atlas[font, beside[1]]
        ink[:, :, :2 * FINE] = torch.maximum(ink[:, :, :2 * FINE], left[:, :, FINE:])
        ink[:, :, FINE:] = torch.maximum(ink[:, :, FINE:], right[:, :, :2 * FINE])
        return ink

    @staticmethod
    def place(ink, kinds):
        """Cuts the cell, twice as fine as it will be; returns it and where the glyph's middle is."""
        n = len(ink)
        shift = (torch.rand(n, 2) - 0.5) * torch.tensor([0.44, 0.44])
        far = kinds == 2  # between two characters or between two lines: no character
        side = torch.sign(torch.rand(n, 2) - 0.5)
        flat = torch.rand(n) < 0.6
        away = torch.stack([torch.where(flat, side[:, 0] * (0.44 + 0.08 * torch.rand(n)), shift[:, 0]),
                            torch.where(flat, shift[:, 1], side[:, 1] * (0.55 + 0.6 * torch.rand(n)))], 1)
        shift = torch.where(far[:, None], away, shift)
        angle = torch.randn(n) * 0.035
        shear = torch.randn(n) * 0.05
        size = torch.exp(torch.randn(n, 2) * torch.tensor([0.05, 0.06]))
        cos, sin = torch.cos(angle), torch.sin(angle)
        a = torch.stack([cos * size[:, 0], (sin + shear) * size[:, 0]], 1)
        b = torch.stack([-sin * size[:, 1], cos * size[:, 1]], 1)
        turn = torch.stack([a, b], 1)
        u = ((torch.arange(2 * WIDTH) + 0.5) / (2 * WIDTH) - 0.5) * WIDTH / 16
        v = ((torch.arange(2 * HEIGHT) + 0.5) / (2 * HEIGHT) - 0.5) * HEIGHT / 16
        grid = torch.stack(torch.meshgrid(v, u, indexing="ij")[::-1], -1)
        where = torch.einsum("nij,hwnj->nhwi", turn, grid[:, :, None] - shift) / 1.5
        cut = F.grid_sample(ink[:, None], where, align_corners=False)
        return cut, shift

    @staticmethod
    def blur(image, across, down):
        def kernel(sigma):
            x = torch.arange(-8, 9, dtype=torch.float32)
            k = torch.exp(-0.5 * (x / max(sigma, 0.2)) ** 2)
            return k / k.sum()
        image = F.pad(image, (8, 8, 8, 8), mode="reflect")
        image = F.conv2d(image, kernel(across)[None, None, None, :])
        return F.conv2d(image, kernel(down)[None, None, :, None])

    @staticmethod
    def waves(n, h, w, finest):
        """Guilloche: a few fine waves of random direction."""
        v, u = torch.meshgrid(torch.arange(h) / 32.0, torch.arange(w) / 32.0, indexing="ij")
        total = torch.zeros(n, h, w)
        for _ in range(3):
            f = torch.rand(n, 1, 1) * finest
            d = torch.rand(n, 1, 1) * math.pi
            p = torch.rand(n, 1, 1) * 6.3
            bend = torch.randn(n, 1, 1) * 0.3
            total += torch.sin(6.3 * f * (u * torch.cos(d) + v * torch.sin(d) + bend * u * v) + p)
        return total / 3

    def jpeg(self, image):
        """Quantises blocks of 8x8 as a JPEG would, the grid somewhere."""
        n = len(image)
        ox, oy = int(torch.randint(8, ())), int(torch.randint(8, ()))
        padded = F.pad(image, (ox, 32 - WIDTH - ox if ox < 5 else 40 - WIDTH - ox,
                               oy, 32 - HEIGHT - oy), mode="replicate")
        h, w = padded.shape[2:]
        blocks = padded.reshape(n, h // 8, 8, w // 8, 8).permute(0, 1, 3, 2, 4)
        c = self.dct @ (blocks * 255) @ self.dct.T
        step = self.step * (1 + 9 * torch.rand(n, 1, 1, 1, 1))
        c = torch.round(c / step) * step
        blocks = (self.dct.T @ c @ self.dct) / 255
        back = blocks.permute(0, 1, 3, 2, 4).reshape(n, 1, h, w)
        return back[:, :, oy:oy + HEIGHT, ox:ox + WIDTH]

    def group(self, n):
        """n cells that share blur and resolution."""
        labels = torch.randint(NONE + 1, (n,))
        kinds = torch.zeros(n, dtype=torch.long)  # 0 character; 1.. ways of being none
        roll = torch.rand(n)
        labels[roll < 0.04] = NONE - 1
        nothing = (labels == NONE) | (roll > 0.9)
        kinds[nothing] = torch.randint(1, 5, (int(nothing.sum()),))
        labels[nothing] = NONE
        bare = None
        if self.paper > 0:
            bare = torch.rand(n) < self.paper
            kinds[bare], labels[bare] = 1, NONE
        drawn = torch.where(kinds == 2, torch.randint(NONE, (n,)), labels)
        cut, shift = self.place(self.ink(drawn, kinds), kinds)
        if bare is not None:
            cut[bare] = 0
        h, w = cut.shape[2:]
        paper = 0.45 + 0.5 * torch.rand(n, 1, 1)
        slope = torch.randn(n, 2, 1, 1) * 0.12
        v, u = torch.meshgrid(torch.linspace(-1, 1, h), torch.linspace(-1, 1, w), indexing="ij")
        background = paper + slope[:, 0] * u + slope[:, 1] * v
        contrast = (0.12 + 0.75 * torch.rand(n, 1, 1)) * paper
        strength = torch.rand(n, 1, 1) ** 3 * 0.7 * contrast
        background = background + strength * self.waves(n, h, w, 5.0)
        image = (background - contrast * cut[:, 0])[:, None]
        if torch.rand(()) < 0.1:  # a stroke of something else across
            band = (self.waves(n, h, w, 0.8) > 0.85).float()[:, None]
            image = image + band * (torch.rand(n, 1, 1, 1) - 0.6) * 0.5 * (torch.rand(n, 1, 1, 1) < 0.4)
        widest = float(torch.rand(())) ** 1.5 * 4.2
        image = self.blur(image, widest * float(0.5 + 0.5 * torch.rand(())),
                          widest * float(0.5 + 0.5 * torch.rand(())))
        noise = torch.rand(n, 1, 1, 1) ** 2 * torch.minimum(torch.tensor(0.09), 0.4 * contrast[:, None])
        if torch.rand(()) < 0.6:
            f = float(0.36 + 0.64 * torch.rand(()))
            low = F.interpolate(image, size=(max(8, round(HEIGHT * f)), max(6, round(WIDTH * f))),
                                mode="area")
            low = low + noise * torch.randn_like(low)
            image = F.interpolate(low, size=(HEIGHT, WIDTH), mode="bilinear", align_corners=False)
        else:
            image = F.avg_pool2d(image, 2)
            image = image + noise * torch.randn_like(image)
        if torch.rand(()) < 0.35:
            image = self.jpeg(image)
        top = 1.0 if torch.rand(()) < 0.8 else float(0.6 + 0.4 * torch.rand(()))
        return image.clamp(0, top), labels, shift

    def batch(self, groups=8, each=64):
        parts = [self.group(each) for _ in range(groups)]
        image, labels, shift = (torch.cat(p) for p in zip(*parts))
        return normalise(torch.round(image * 255)), labels, shift


def normalise(image):
    """Grey levels to mean 0 and deviation near 1, as drivers/vision/cells.c does."""
    mean = image.mean((1, 2, 3), keepdim=True)
    deviation = image.std((1, 2, 3), keepdim=True, unbiased=False)
    return (image - mean) / (deviation + 4.0)
