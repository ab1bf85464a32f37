from datetime import datetime
from typing import Literal

from flask import Flask, request
from pydantic import BaseModel, EmailStr, ValidationError, confloat, conint, conlist, constr


class Customer(BaseModel):
    id: conint(gt=0)
    name: constr(min_length=1, max_length=100)
    email: EmailStr
    vat: str | None = ...


class Shipping(BaseModel):
    street: constr(min_length=1, max_length=100)
    city: constr(min_length=1, max_length=100)
    zip: constr(min_length=1, max_length=20)
    country: constr(min_length=2, max_length=2)
    express: bool


class Line(BaseModel):
    sku: constr(min_length=1, max_length=40)
    title: constr(min_length=1, max_length=100)
    quantity: conint(strict=True, gt=0)
    price: confloat(ge=0)
    tags: conlist(str, max_items=10)


class Order(BaseModel):
    customer: Customer
    placed: datetime
    currency: Literal["EUR", "GBP", "USD"]
    shipping: Shipping
    lines: conlist(Line, min_items=1, max_items=100)
    note: constr(max_length=500) | None = None


app = Flask(__name__)
app.json.sort_keys = False


@app.post("/api/orders")
def create():
    try:
        order = Order.parse_obj(request.get_json())
    except ValidationError as error:
        return {"errors": error.errors()}, 422
    total = sum(line.quantity * line.price for line in order.lines)
    return {
        "resource": "orders",
        "customer": order.customer.name,
        "lines": len(order.lines),
        "total": int(total) if total.is_integer() else total,
    }
