// What the guard costs: requests per second, memory of a large upload, and whether idle and slow
// clients are felt by others. Server and client share this process and the loopback.

#include "server/http/http_server.h"
#include "tests/server/http/raw_client.h"
#include "tests/server/http/server_fixture.h"

#include <QCoreApplication>
#include <QFile>

#include <algorithm>
#include <cstdio>

using namespace Qt::StringLiterals;
using namespace skillbox;
using Clock = std::chrono::steady_clock;

namespace {

const QByteArray healthRequest = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

double millisecondsSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// The most memory this process ever had resident, in KiB.
qint64 peakResident()
{
    QFile status(u"/proc/self/status"_s);
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray text = status.readAll();
    const qsizetype at = text.indexOf("VmHWM:") + 6;
    return text.mid(at, text.indexOf("kB", at) - at).trimmed().toLongLong();
}

/// Lets peakResident() begin anew (proc(5), clear_refs).
void forgetPeak()
{
    QFile file(u"/proc/self/clear_refs"_s);
    if (file.open(QIODevice::WriteOnly))
        file.write("5");
}

void measureThroughput(const ServerFixture &server, const char *name, const QByteArray &request)
{
    constexpr int requests = 20'000;
    RawClient client = server.connect();
    const auto start = Clock::now();
    for (int i = 0; i < requests; ++i) {
        client.send(request);
        if (client.read().status != 200)
            std::printf("no answer\n");
    }
    const double one = millisecondsSince(start);
    std::printf("%-28s one client, one at a time: %.0f requests/s, %.1f us each\n", name,
                requests / one * 1000, one * 1000 / requests);

    constexpr int batch = 50;
    const QByteArray many = request.repeated(batch);
    const auto pipelined = Clock::now();
    for (int i = 0; i < requests / batch; ++i) {
        client.send(many);
        for (int j = 0; j < batch; ++j)
            client.read();
    }
    std::printf("%-28s pipelined by %d: %.0f requests/s\n", name, batch,
                requests / millisecondsSince(pipelined) * 1000);
}

void measureUpload(const ServerFixture &server)
{
    constexpr qint64 megabytes = 50;
    const QByteArray piece(64 << 10, 'x');
    RawClient client = server.connect();
    forgetPeak();
    const qint64 before = peakResident();
    const auto start = Clock::now();
    client.send("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                + QByteArray::number(megabytes << 20) + "\r\n\r\n");
    for (qint64 sent = 0; sent < megabytes << 20; sent += piece.size())
        client.send(piece);
    const RawAnswer answer = client.read();
    std::printf("upload of 50 MiB: status %d, %s bytes, %.0f ms, %.1f MiB more resident "
                "(goal: under 16)\n",
                answer.status, answer.body.constData(), millisecondsSince(start),
                double(peakResident() - before) / 1024);
}

void measureCrowd(const ServerFixture &server)
{
    std::vector<RawClient> crowd;
    for (int i = 0; i < 500; ++i) {
        crowd.push_back(server.connect());
        crowd.back().send(healthRequest);
        crowd.back().read();
    }
    std::vector<RawClient> slow;
    for (int i = 0; i < 50; ++i) {
        slow.push_back(server.connect());
        slow.back().send(
            "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
    }
    std::vector<double> times;
    RawClient client = server.connect();
    for (int i = 0; i < 500; ++i) {
        slow[size_t(i) % slow.size()].send("x");
        const auto start = Clock::now();
        client.send(healthRequest);
        client.read();
        times.push_back(millisecondsSince(start));
    }
    std::sort(times.begin(), times.end());
    std::printf(
        "/health beside 500 idle and 50 slow: median %.2f ms, 99%% %.2f ms, longest %.2f ms "
        "(goal: under 20)\n",
        times[times.size() / 2], times[times.size() * 99 / 100], times.back());
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv); // the server's event loop asks for one
    Router router;
    router.add("GET", u"/health"_s, {.runsOn = RunsOn::Immediate, .gate = {}},
               [](const HttpRequest &) { return HttpResponse::json(200, R"({"status":"ok"})"); });
    router.add("GET", u"/worker"_s, {.gate = {}},
               [](const HttpRequest &) { return HttpResponse::json(200, R"({"status":"ok"})"); });
    router.add("POST", u"/upload"_s, {.maxBodyBytes = 64 << 20, .gate = {}},
               [](const HttpRequest &request) {
                   return HttpResponse::text(200, QByteArray::number(request.body->size()));
               });
    HttpServerConfig config = ServerFixture::onLoopback();
    const ServerFixture server(router, config);
    measureThroughput(server, "on the server's thread", healthRequest);
    measureThroughput(server, "on a worker", "GET /worker HTTP/1.1\r\nHost: localhost\r\n\r\n");
    measureUpload(server);
    measureCrowd(server);
    return 0;
}
