import os

from flask import Flask, session

app = Flask(__name__)
app.secret_key = os.environ["SECRET"]


@app.get("/visits")
def visits():
    session["visits"] = session.get("visits", 0) + 1
    return {"visits": session["visits"]}
