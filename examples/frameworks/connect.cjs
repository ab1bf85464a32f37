var connect = require("connect");

var app = connect();

// gzip/deflate outgoing responses
var compression = require("compression");
app.use(compression());

// store session state in browser cookie
var cookieSession = require("cookie-session");
app.use(
  cookieSession({
    keys: ["secret1", "secret2"],
  }),
);

// parse urlencoded request bodies into req.body
var bodyParser = require("body-parser");
app.use(bodyParser.urlencoded({ extended: false }));

// respond to all requests
app.use((_req, res) => {
  res.end("Hello from Connect!\n");
});

module.exports = app;
