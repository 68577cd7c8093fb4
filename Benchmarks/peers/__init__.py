"""Real servers to measure beside: each module starts one as its own documentation sets it up."""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent


def config(name, folder, **values):
    """A file of `configs/` with its @NAME@s filled in, written to the folder."""
    text = (HERE / "configs" / name).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key.upper()}@", str(value))
    file = pathlib.Path(folder, name)
    file.write_text(text)
    return file
