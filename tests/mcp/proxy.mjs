// The conformance suite sends no API key and reads resources of a scheme of its own. This stands in
// between: adds the key to every request, and gives the suite's addresses the names that the same
// files have here. Everything else, Host and Origin too, passes as it is.
//
//   node proxy.mjs http://127.0.0.1:8080 KEY     prints the address to use

import http from "node:http";

const [target, key] = process.argv.slice(2);
const server = new URL(target);
const resources = new Map([
  ["test://static-text", "skill://test-resources/static-text.txt"],
  ["test://static-binary", "skill://test-resources/static-binary.png"],
  ["test://template/123/data", "skill://test-resources/template/123/data.json"],
  ["test://watched-resource", "skill://test-resources/watched-resource.txt"],
]);

function translated(body) {
  let text = body.toString("utf8");
  for (const [theirs, ours] of resources) text = text.replaceAll(`"${theirs}"`, `"${ours}"`);
  return Buffer.from(text);
}

const proxy = http.createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const body = translated(Buffer.concat(pieces));
    const headers = { ...request.headers, authorization: `Bearer ${key}` };
    delete headers["transfer-encoding"];
    if (body.length > 0) headers["content-length"] = body.length;
    const onward = http.request(
      { host: server.hostname, port: server.port, method: request.method, path: request.url, headers },
      (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    onward.end(body);
  });
});
proxy.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${proxy.address().port}`));
