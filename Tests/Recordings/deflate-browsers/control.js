// Serves the page on port 9099 until it says that it is done.
const fs = require("fs");
const server = require("http").createServer((request, response) => {
  if (request.url.startsWith("/end")) {
    response.end("");
    const words = decodeURIComponent(request.url.slice(5));
    console.log(words);
    setTimeout(() => process.exit(words === "done" ? 0 : 1), 300);
  } else if (request.url === "/") {
    response.setHeader("Content-Type", "text/html");
    response.end(fs.readFileSync("page.html"));
  } else {
    response.statusCode = 404;
    response.end();
  }
});
server.listen(9099, "127.0.0.1");
