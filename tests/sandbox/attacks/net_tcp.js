// Connects to a server on the host's loopback, as an HTTP client of Node does.
const fs = require("fs");
const net = require("net");
const port = JSON.parse(fs.readFileSync("/sandbox/input.json", "utf8")).tcp_port;

const connection = net.connect(port, "127.0.0.1");
connection.setTimeout(5000, () => connection.destroy(new Error("no answer")));
connection.on("error", (error) => {
  console.log(`CONTAINED: ${error.code || error.message}`);
});
connection.on("data", (data) => {
  console.log(`BROKEN: ${data}`);
  process.exit(1);
});
