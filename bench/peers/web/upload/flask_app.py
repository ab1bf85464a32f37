from flask import Flask, request

app = Flask(__name__)
app.json.sort_keys = False


@app.post("/pictures")
def pictures():
    content = request.files["picture"].read()
    return {"title": request.form["title"], "size": len(content), "last": content[-1]}
