from flask import Flask, render_template

title = "Gears & wheels"
parts = [
    {
        "id": 1000 + i,
        "name": f"Wheel & axle no. {i + 1}",
        "note": f"bore < {i + 5} mm, brass & steel",
        "price": f"{i + 12}.50",
    }
    for i in range(20)
]

app = Flask(__name__, template_folder="views")


@app.get("/parts")
def show():
    return render_template("parts.html", title=title, parts=parts)
