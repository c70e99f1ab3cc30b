"""What the tables are made of: the kinds of their columns, and how keys and indexes are named."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
)
from sqlalchemy.dialects import postgresql

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

# Codes, keys and addresses sort by bytes, whatever language the database server speaks.
Word = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
SEALED = "sealed"  # in a column's `info`: what stands there is sealed
Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts upwards only in an INTEGER PRIMARY KEY


def word(name: str, *, key: bool = False) -> Column[str]:
    """Make a column of text; "" stands for none."""
    return Column(name, Word, primary_key=key, nullable=False)


def address(name: str, *, key: bool = False) -> Column[str]:
    """Make a column of sealed addresses or identities (`storage/encryption/address_seal.py`); "" stands for none."""
    return Column(name, Word, primary_key=key, nullable=False, info={SEALED: True})


def whole(name: str, *, null: bool = False) -> Column[int]:
    """Make a column of whole numbers, such as instants in microseconds."""
    return Column(name, BigInteger, nullable=null)


def yes_no(name: str) -> Column[int]:
    """Make a column of 0 and 1, or of another number that stays small."""
    return Column(name, SmallInteger, nullable=False)


def data(name: str, *, key: bool = False, null: bool = False) -> Column[bytes]:
    """Make a column of bytes: encrypted, hashed or signed."""
    return Column(name, LargeBinary, primary_key=key, nullable=null)


def of_case(*, key: bool = True) -> Column[str]:
    """Make the column that says whose case a row belongs to."""
    return Column("code", Word, ForeignKey("case_.code"), primary_key=key, nullable=False)
