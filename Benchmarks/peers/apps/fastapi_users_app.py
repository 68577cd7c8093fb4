"""FastAPI-Users with its SQLAlchemy store on SQLite: register, login, who am I, as its own documentation sets it up."""
import os
import uuid

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users.password import PasswordHelper
from pwdlib import PasswordHash
from pwdlib.hashers.bcrypt import BcryptHasher
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

SECRET = os.environ["PEER_SECRET"]
COST = int(os.environ.get("PEER_COST", "12"))


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


engine = create_async_engine(os.environ["PEER_DATABASE"])
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def database():
    async with sessions() as session:
        yield SQLAlchemyUserDatabase(session, User)


class Users(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = SECRET
    verification_token_secret = SECRET


async def users(db=Depends(database)):
    yield Users(db, PasswordHelper(PasswordHash((BcryptHasher(rounds=COST),))))


backend = AuthenticationBackend(
    name="jwt",
    transport=BearerTransport(tokenUrl="auth/login"),
    get_strategy=lambda: JWTStrategy(secret=SECRET, lifetime_seconds=3600),
)
api = FastAPIUsers[User, uuid.UUID](users, [backend])
app = FastAPI()
app.include_router(api.get_auth_router(backend), prefix="/auth")
app.include_router(api.get_register_router(schemas.BaseUser[uuid.UUID], schemas.BaseUserCreate), prefix="/auth")


@app.get("/me", response_model=schemas.BaseUser[uuid.UUID])
async def me(user: User = Depends(api.current_user(active=True))):
    return user


@app.on_event("startup")
async def create_tables():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
