"""Token files for training, from text, JSON lines and Parquet, with a Hugging Face tokenizer.

``python -m contraflow.tokenize --help`` shows the command. Needs the packages of ``pip install 'contraflow[tokenize]'``.
"""
