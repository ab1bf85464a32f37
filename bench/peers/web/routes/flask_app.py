from flask import Flask, request

resources = [
    "accounts",
    "addresses",
    "articles",
    "carts",
    "categories",
    "comments",
    "contacts",
    "coupons",
    "customers",
    "events",
    "files",
    "invoices",
    "messages",
    "orders",
    "payments",
    "products",
    "reviews",
    "shipments",
    "teams",
    "users",
]

app = Flask(__name__)
app.json.sort_keys = False


def add_routes(resource):
    def index():
        return {"resource": resource, "items": []}

    def create():
        order = request.get_json()
        total = sum(line["quantity"] * line["price"] for line in order["lines"])
        return {
            "resource": resource,
            "customer": order["customer"]["name"],
            "lines": len(order["lines"]),
            "total": total,
        }

    def show(id):
        return {
            "resource": resource,
            "id": id,
            "active": True,
            "owner": {"id": id % 100, "name": "Ada Lovelace"},
        }

    def remove(id):
        return {"resource": resource, "id": id, "removed": True}

    app.get(f"/api/{resource}", endpoint=f"{resource}.index")(index)
    app.post(f"/api/{resource}", endpoint=f"{resource}.create")(create)
    app.get(f"/api/{resource}/<int:id>", endpoint=f"{resource}.show")(show)
    app.put(f"/api/{resource}/<int:id>", endpoint=f"{resource}.replace")(show)
    app.delete(f"/api/{resource}/<int:id>", endpoint=f"{resource}.remove")(remove)


for resource in resources:
    add_routes(resource)
