#include "app/preview/confinement.h"
#include "app/preview/protocol.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <thread>

using namespace Qt::StringLiterals;
using namespace skillbox;

class PreviewHelperTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void confinedProcessCannot_data();
    void confinedProcessCannot();
    void confinedProcessReadsWhatIsOpenAndAllowed();
    void confinedProcessMayHaveThreads();
    void keepsMessages();
    void refusesAnswers_data();
    void refusesAnswers();
    void refusesFramesThatAreTooLong();
};

namespace {

/// The exit status of a confined child that does this; 100: it could not be confined, -1: killed.
int inConfinedChild(const std::vector<std::string> &readable, const std::function<int()> &act)
{
    const pid_t child = ::fork();
    if (child == 0) {
        std::string why;
        ::_exit(preview::confine(readable, why) ? act() : 100);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child)
        return -2;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

using Deed = int (*)();

int refusedWith(bool refused)
{
    return refused && (errno == EPERM || errno == EACCES || errno == EFBIG || errno == EAGAIN) ? 0
                                                                                               : 1;
}

preview::Frame smallFrame()
{
    preview::Frame frame;
    frame.pageSize = QSizeF(10, 10);
    frame.region = QRectF(0, 0, 1, 1);
    frame.size = QSize(2, 2);
    frame.pixels = QByteArray(16, 'x');
    return frame;
}

QByteArray bodyOf(const preview::Answer &answer)
{
    return preview::encode(answer).sliced(4);
}

} // namespace

void PreviewHelperTest::confinedProcessCannot_data()
{
    QTest::addColumn<void *>("deed");
    const auto row = [](const char *name, Deed deed) {
        QTest::newRow(name) << reinterpret_cast<void *>(deed);
    };
    row("open a file", [] { return refusedWith(::open("/etc/passwd", O_RDONLY) < 0); });
    row("create a file",
        [] { return refusedWith(::open("/tmp/made", O_WRONLY | O_CREAT, 0600) < 0); });
    row("open an internet socket",
        [] { return refusedWith(::socket(AF_INET, SOCK_STREAM, 0) < 0); });
    row("open a local socket", [] { return refusedWith(::socket(AF_UNIX, SOCK_STREAM, 0) < 0); });
    row("start a process", [] {
        const pid_t child = ::fork();
        if (child == 0)
            ::_exit(0);
        return refusedWith(child < 0);
    });
    row("become another program", [] {
        char name[] = "/bin/true";
        char *const arguments[] = {name, nullptr};
        ::execv(name, arguments);
        return refusedWith(true);
    });
    row("signal its parent", [] { return refusedWith(::kill(::getppid(), 0) < 0); });
    row("trace its parent", [] {
        return refusedWith(::syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, ::getppid(), 0, 0) < 0);
    });
    row("make code", [] {
        void *page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return refusedWith(page == MAP_FAILED);
    });
    row("gain privileges", [] {
        // prctl is not on the list: the bit that was set cannot even be asked for.
        return refusedWith(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0);
    });
    row("raise its limits", [] {
        const rlimit wanted{RLIM_INFINITY, RLIM_INFINITY};
        return refusedWith(::setrlimit(RLIMIT_CPU, &wanted) < 0);
    });
    row("make a namespace", [] { return refusedWith(::syscall(SYS_unshare, 0x10000000) < 0); });
}

void PreviewHelperTest::confinedProcessCannot()
{
    QFETCH(void *, deed);
    // 0: refused; anything else would be a way out.
    QCOMPARE(inConfinedChild({"/usr/share/fonts"},
                             [deed] { return reinterpret_cast<Deed>(deed)(); }),
             0);
}

void PreviewHelperTest::confinedProcessReadsWhatIsOpenAndAllowed()
{
    QTemporaryDir directory;
    QFile file(directory.filePath(u"open.txt"_s));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QCOMPARE(file.write("seen"), 4);
    QVERIFY(file.flush());
    const int descriptor = file.handle();
    const QByteArray path = QFile::encodeName(file.fileName());
    const std::string allowed = QFile::encodeName(directory.path()).toStdString();
    // Opening what is allowed needs Landlock; where there is none, nothing can be opened.
    const bool hasLandlock = ::syscall(444 /* landlock_create_ruleset */, nullptr, 0, 1) >= 1;
    QCOMPARE(inConfinedChild({allowed},
                             [&] {
                                 char text[4] = {};
                                 if (::pread(descriptor, text, 4, 0) != 4 || text[0] != 's')
                                     return 1;
                                 const bool opened = ::open(path.constData(), O_RDONLY) >= 0;
                                 return opened == hasLandlock ? 0 : 2;
                             }),
             0);
}

void PreviewHelperTest::confinedProcessMayHaveThreads()
{
    // Qt converts large pictures on threads, and would wait for ever for one that does not start.
    QCOMPARE(inConfinedChild({},
                             [] {
                                 int seen = 0;
                                 std::thread thread([&seen] {
                                     seen = ::open("/etc/passwd", O_RDONLY) < 0 ? 1 : 2;
                                 });
                                 thread.join();
                                 return seen == 1 ? 0 : 1;
                             }),
             0);
}

void PreviewHelperTest::keepsMessages()
{
    const preview::RenderRequest render{3, QRectF(0.25, 0.5, 0.5, 0.25), QSize(640, 480)};
    const auto request = preview::decodeRequest(
        preview::encode(preview::Request(render)).sliced(4));
    QVERIFY(request);
    const auto *back = std::get_if<preview::RenderRequest>(&*request);
    QVERIFY(back);
    QCOMPARE(back->page, 3);
    QCOMPARE(back->region, render.region);
    QCOMPARE(back->box, render.box);

    const auto answer = preview::decodeAnswer(bodyOf(smallFrame()));
    QVERIFY(answer);
    const auto *frame = std::get_if<preview::Frame>(&*answer);
    QVERIFY(frame);
    QCOMPARE(frame->size, QSize(2, 2));
    QCOMPARE(frame->pixels, QByteArray(16, 'x'));

    const auto open = preview::decodeRequest(
        preview::encode(preview::Request(preview::OpenRequest{preview::Kind::Pdf, u"/a/ö"_s}))
            .sliced(4));
    QVERIFY(open);
    QCOMPARE(std::get<preview::OpenRequest>(*open).path, u"/a/ö"_s);
}

void PreviewHelperTest::refusesAnswers_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("unknown kind") << QByteArray("\x09");
    QTest::newRow("cut") << bodyOf(smallFrame()).chopped(1);
    QTest::newRow("longer than it says") << bodyOf(smallFrame()) + 'x';
    preview::Frame frame = smallFrame();
    frame.size = QSize(100'000, 100'000);
    QTest::newRow("more pixels than there are") << bodyOf(frame);
    frame = smallFrame();
    frame.size = QSize(-2, -2);
    QTest::newRow("negative size") << bodyOf(frame);
    frame = smallFrame();
    frame.region = QRectF(0, 0, 2, 1);
    QTest::newRow("beyond the page") << bodyOf(frame);
    frame = smallFrame();
    frame.pageSize = QSizeF(qQNaN(), 1);
    QTest::newRow("no number") << bodyOf(frame);
    QTest::newRow("too many pages") << bodyOf(preview::Opened{preview::mostPages + 1, {1, 1}});
    QTest::newRow("no page") << bodyOf(preview::Opened{0, {1, 1}});
    QTest::newRow("a text that is not there") << QByteArray("\x03\x00\xff\xff\xff\xff", 6);
}

void PreviewHelperTest::refusesAnswers()
{
    QFETCH(QByteArray, body);
    QVERIFY(!preview::decodeAnswer(body));
}

void PreviewHelperTest::refusesFramesThatAreTooLong()
{
    QByteArray received("\x7f\xff\xff\xff", 4);
    bool broken = false;
    QVERIFY(!preview::takeFrame(received, 1000, broken));
    QVERIFY(broken);

    QByteArray whole = preview::encode(preview::Answer(preview::Found{}));
    QByteArray piece = whole.first(whole.size() - 1);
    broken = false;
    QVERIFY(!preview::takeFrame(piece, 1000, broken));
    QVERIFY(!broken);
    QVERIFY(preview::takeFrame(whole, 1000, broken));
    QVERIFY(whole.isEmpty());
}

QTEST_GUILESS_MAIN(PreviewHelperTest)
#include "test_preview_helper.moc"
