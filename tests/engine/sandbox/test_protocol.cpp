// The messages between engine and launcher: what one writes the other reads, and nothing else.

#include "engine/sandbox/protocol/messages.h"
#include "engine/sandbox/protocol/packet.h"

#include <QTest>

#include <fcntl.h>

using namespace skillbox;

class TestProtocol : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void jobSurvivesTheWay();
    void refusesEveryTruncatedJob();
    void refusesAJobWithTrailingBytes();
    void refusesALyingCount();
    void requestSurvivesTheWay();
    void messageSurvivesTheWay();
    void theFullestMessageFitsAPacket();
    void packetsCarryDescriptors();

private:
    static protocol::Job sample();
};

protocol::Job TestProtocol::sample()
{
    protocol::Job job;
    job.argv = {"/usr/bin/true", "a b", ""};
    job.environment = {"A=1", "B=ü"};
    job.root = {{protocol::RootEntry::Symlink, "/bin", "usr/bin"},
                {protocol::RootEntry::File, "/etc/x", std::string("\0y", 2)}};
    job.workingDirectory = "/sandbox";
    job.inputJson = "{\"text\":\"a\"}";
    job.cpuSeconds = 1;
    job.inodes = UINT64_MAX;
    job.observed = 1;
    return job;
}

void TestProtocol::jobSurvivesTheWay()
{
    const std::string bytes = protocol::encode(sample());
    protocol::Job job;
    QVERIFY(protocol::decode(bytes, job));
    QCOMPARE(job.argv, sample().argv);
    QCOMPARE(job.environment, sample().environment);
    QCOMPARE(job.root.size(), size_t(2));
    QCOMPARE(job.root[1].source, std::string("\0y", 2));
    QCOMPARE(job.inputJson, sample().inputJson);
    QCOMPARE(job.inodes, UINT64_MAX);
    QCOMPARE(job.observed, uint64_t(1));
}

void TestProtocol::refusesEveryTruncatedJob()
{
    const std::string bytes = protocol::encode(sample());
    for (size_t size = 0; size < bytes.size(); ++size) {
        protocol::Job job;
        QVERIFY2(!protocol::decode(std::string_view(bytes).substr(0, size), job),
                 qPrintable(QString::number(size)));
    }
}

void TestProtocol::refusesAJobWithTrailingBytes()
{
    protocol::Job job;
    QVERIFY(!protocol::decode(protocol::encode(sample()) + "x", job));
}

void TestProtocol::refusesALyingCount()
{
    wire::Writer out;
    out.u32(protocol::version);
    out.u32(UINT32_MAX); // four billion arguments in no bytes
    protocol::Job job;
    QVERIFY(!protocol::decode(out.bytes(), job));
}

void TestProtocol::requestSurvivesTheWay()
{
    protocol::RunRequest read;
    QVERIFY(protocol::decode(protocol::encode(protocol::RunRequest{1, 2, 3, 4, 5}), read));
    QCOMPARE(read.wallClockMs, uint64_t(1));
    QCOMPARE(read.processes, uint64_t(4));
    QCOMPARE(read.required, uint64_t(5));
    QVERIFY(!protocol::decode("run", read));
}

void TestProtocol::messageSurvivesTheWay()
{
    protocol::RunMessage message;
    message.kind = protocol::RunMessage::Exited;
    message.waitStatus = 256;
    message.hasWaitStatus = true;
    message.controls = {{"seccomp", "on"}};
    message.stage = "mounting proc";
    message.errorNumber = 1;
    message.memoryBytes = 7;
    message.refused = {{"socket", "AF_INET stream", 97, UINT64_MAX}};
    protocol::RunMessage read;
    QVERIFY(protocol::decode(protocol::encode(message), read));
    QCOMPARE(read.waitStatus, 256u);
    QVERIFY(read.hasWaitStatus);
    QCOMPARE(read.controls.at(0).value, std::string("on"));
    QCOMPARE(read.stage, message.stage);
    QCOMPARE(read.memoryBytes, uint64_t(7));
    QCOMPARE(read.refused.at(0).detail, std::string("AF_INET stream"));
    QCOMPARE(read.refused.at(0).count, UINT64_MAX);
    QVERIFY(!protocol::decode("", read));
    const std::string bytes = protocol::encode(message);
    for (size_t size = 0; size < bytes.size(); ++size)
        QVERIFY(!protocol::decode(std::string_view(bytes).substr(0, size), read));
}

void TestProtocol::theFullestMessageFitsAPacket()
{
    protocol::RunMessage message;
    message.kind = protocol::RunMessage::Observed;
    // Longer than any name of a call and any argument that is told.
    message.refused.assign(protocol::maxRefusedKinds,
                           {std::string(64, 'c'), std::string(64, 'd'), 1, 1});
    QVERIFY(protocol::encode(message).size() < protocol::maxPacket);
}

void TestProtocol::packetsCarryDescriptors()
{
    int sockets[2];
    QCOMPARE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
    const int passed[] = {0, 1};
    QVERIFY(protocol::sendPacket(sockets[0], "hello", passed));
    protocol::Packet packet = protocol::receivePacket(sockets[1]);
    QCOMPARE(packet.bytes, std::string("hello"));
    QCOMPARE(packet.descriptors.size(), size_t(2));
    for (int descriptor : packet.descriptors) {
        QVERIFY(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
        close(descriptor);
    }
    close(sockets[0]);
    QCOMPARE(protocol::receivePacket(sockets[1]).state, protocol::Packet::State::End);
    close(sockets[1]);
}

QTEST_GUILESS_MAIN(TestProtocol)
#include "test_protocol.moc"
