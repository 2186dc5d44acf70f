#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes a64_loads.h: loads and stores as the assembler encodes them, beside what the text says.

The expectation comes from the mnemonic and the operands chosen here, the word from the assembler:
nothing of the decoder's own knowledge of the encoding goes into either.
Run, with aarch64-linux-gnu-as and clang-format there:
    tests/unit/a64_loads.py | clang-format --assume-filename=a.h > tests/unit/a64_loads.h
"""
import os
import random
import subprocess
import tempfile

random.seed(1)
CROSS = os.environ.get("CROSS_COMPILE", "aarch64-linux-gnu-")

# mnemonic suffix, width, register letter, sign-extends, load only
SINGLES = [("b", 1, "w", 0), ("h", 2, "w", 0), ("", 4, "w", 0), ("", 8, "x", 0),
           ("sb", 1, "w", 1), ("sb", 1, "x", 1), ("sh", 2, "w", 1), ("sh", 2, "x", 1),
           ("sw", 4, "x", 1)]
ORDERED = [("b", 1, "w"), ("h", 2, "w"), ("", 4, "w"), ("", 8, "x")]


def reg(letter, number):
    return {"w": "wzr", "x": "xzr"}[letter] if number == 31 else f"{letter}{number}"


def base(number):
    return "sp" if number == 31 else f"x{number}"


def pick(*without):
    """A register that is in no unpredictable combination with the others."""
    return random.choice([n for n in range(32) if n not in without])


def address(rn, mode, offset):
    return {"PLAIN": f"[{base(rn)}, #{offset}]", "BEFORE": f"[{base(rn)}, #{offset}]!",
            "AFTER": f"[{base(rn)}], #{offset}"}[mode]


cases = []  # (text, fields)


def add(text, **fields):
    cases.append((text, fields))


def add_single(load, suffix, width, letter, sign):
    name = ("ld" if load else "st")
    common = dict(write=not load, width=width, sign=sign, wide=letter == "x")
    for mode in ("AFTER", "BEFORE"):
        rn = pick()
        rt = pick(rn)
        offset = random.randint(-256, 255)
        add(f"{name}r{suffix} {reg(letter, rt)}, {address(rn, mode, offset)}",
            rt=rt, rn=rn, mode=mode, offset=offset, **common)
    for form, low, high, unit in (("r", 0, 4095, width), ("ur", -256, 255, 1), ("tr", -256, 255, 1)):
        rn, rt = pick(), pick()
        offset = random.randint(low, high) * unit
        add(f"{name}{form}{suffix} {reg(letter, rt)}, {address(rn, 'PLAIN', offset)}",
            rt=rt, rn=rn, offset=offset, **common)
    shift = width.bit_length() - 1
    for extend in ("lsl", "uxtw", "sxtw", "sxtx"):
        for amount in (0, shift) if shift else (0,):
            rn, rt, rm = pick(), pick(), pick()
            if extend == "lsl" and amount == 0:
                tail = ""
            else:
                tail = f", {extend} #{amount}" if amount else f", {extend}"
            add(f"{name}r{suffix} {reg(letter, rt)}, [{base(rn)}, "
                f"{reg('w' if 'w' in extend else 'x', rm)}{tail}]",
                rt=rt, rn=rn, rm=rm, extend=extend.upper(), shift=amount, **common)


for suffix, width, letter, sign in SINGLES:
    for load in (True,) if sign else (True, False):
        add_single(load, suffix, width, letter, sign)

for suffix, width, letter in ORDERED:
    for name, load in (("ldar", 1), ("stlr", 0), ("ldlar", 1), ("stllr", 0)):
        rn, rt = pick(), pick()
        add(f"{name}{suffix} {reg(letter, rt)}, [{base(rn)}]", write=not load, width=width, rt=rt,
            rn=rn, wide=letter == "x")

for name, load, width, letter, sign in (("ldp", 1, 4, "w", 0), ("ldp", 1, 8, "x", 0),
                                        ("stp", 0, 4, "w", 0), ("stp", 0, 8, "x", 0),
                                        ("ldpsw", 1, 4, "x", 1), ("ldnp", 1, 4, "w", 0),
                                        ("ldnp", 1, 8, "x", 0), ("stnp", 0, 4, "w", 0),
                                        ("stnp", 0, 8, "x", 0)):
    for mode in ("PLAIN",) if "np" in name else ("PLAIN", "BEFORE", "AFTER"):
        for _ in range(4):
            rn = pick()
            rt = pick(rn)
            rt2 = pick(rn, rt)
            offset = random.randint(-64, 63) * width
            add(f"{name} {reg(letter, rt)}, {reg(letter, rt2)}, {address(rn, mode, offset)}",
                pair=1, write=not load, width=width, sign=sign, wide=letter == "x", rt=rt, rt2=rt2,
                rn=rn, mode=mode, offset=offset)

# Legal though they look like the unpredictable ones.
add("stp x5, x5, [x6]", pair=1, write=1, width=8, wide=1, rt=5, rt2=5, rn=6)
add("ldp x5, x6, [x5]", pair=1, width=8, wide=1, rt=5, rt2=6, rn=5)
add("ldr x5, [x5]", width=8, wide=1, rt=5, rn=5)
add("str xzr, [sp], #8", write=1, width=8, wide=1, rt=31, rn=31, mode="AFTER", offset=8)
add("stp xzr, xzr, [sp, #-16]!", pair=1, write=1, width=8, wide=1, rt=31, rt2=31, rn=31,
    mode="BEFORE", offset=-16)

REFUSED = """ldr q0, [x1]; str d0, [x1], #8; ldp q0, q1, [x2]; stp s0, s1, [x2, #8]!
ld1 {v0.16b}, [x0]; st1 {v0.4s-v3.4s}, [x0], #64; ldr h0, [x1, x2]; ldur b0, [x1, #1]
ldxr x0, [x1]; stxr w0, x1, [x2]; ldaxr w0, [x1]; stlxr w0, w1, [x2]; ldxp x0, x1, [x2]
stxp w0, x1, x2, [x3]; ldaxrb w0, [x1]; ldxrh w0, [x1]
ldadd x0, x1, [x2]; swp w0, w1, [x2]; ldclrb w0, w1, [x2]; stset x0, [x1]; cas x0, x1, [x2]
casp x0, x1, x2, x3, [x4]; casal w0, w1, [x2]; ldapr x0, [x1]; ldapur x0, [x1, #8]
ldraa x0, [x1]; stg x0, [x1]; stgp x0, x1, [x2]; ldg x0, [x1]
ldr x0, .; ldrsw x0, .; prfm pldl1keep, [x1]; prfm pldl1keep, [x1, x2]; prfum pldl1keep, [x1, #1]
dc zva, x0; dc civac, x0; nop; ret; add x0, x1, x2; .word 0; .word 0xffffffff
ldp x3, x3, [x4]; ldp w3, w3, [x4], #8; ldr x3, [x3], #8; str w3, [x3, #4]!
ldp x3, x4, [x3], #16; ldp x3, x4, [x4, #16]!; stp x3, x4, [x3], #16; stp x3, x4, [x4, #16]!
ldrsb x3, [x3], #1; .word 0xe8c10440; .word 0x68410440
.word 0xb8620820; .word 0xb8622820; .word 0xb8628820; .word 0xb862a820""".replace("\n", ";").split(";")
REFUSED = [text.strip() for text in REFUSED]


def assemble(lines):
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "a")
        subprocess.run([CROSS + "as", "-march=armv8.5-a+memtag", "-W", "-o", name + ".o", "-"],
                       input="\n".join(lines) + "\n", text=True, check=True)
        subprocess.run([CROSS + "objcopy", "-O", "binary", name + ".o", name], check=True)
        with open(name, "rb") as file:
            data = file.read()
    return [int.from_bytes(data[i:i + 4], "little") for i in range(0, len(data), 4)]


def main():
    words = assemble([text for text, _ in cases] + REFUSED)
    assert len(words) == len(cases) + len(REFUSED)
    print("/* SPDX-License-Identifier: BSD-2-Clause */")
    print("/* Written by a64_loads.py from the assembler's output. */")
    print("/* clang-format off */")
    print("\nstatic const struct a64_case accepted[] = {")
    for (text, fields), word in zip(cases, words):
        items = [f".{key} = {int(value) if isinstance(value, bool) else value}"
                 for key, value in fields.items() if value or key == "rt"]
        print(f'\t{{ 0x{word:08x}, "{text}",\n\t  {", ".join(items)} }},')
    print("};\n\nstatic const struct a64_case refused[] = {")
    for text, word in zip(REFUSED, words[len(cases):]):
        print(f'\t{{ .word = 0x{word:08x}, .text = "{text}" }},')
    print("};")


main()
