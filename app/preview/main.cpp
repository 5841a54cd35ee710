// skillbox-preview: decodes one file that is not trusted, for the desktop. README.md says how.

#include "app/preview/confinement.h"
#include "app/preview/document.h"

#include <QDir>
#include <QGuiApplication>
#include <QImageReader>
#include <QThreadPool>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <new>

using namespace Qt::StringLiterals;
using namespace skillbox::preview;

namespace {

constexpr int largestRequest = 64 * 1024;

/// The next request; nothing: the desktop has closed the pipe, or speaks another language.
std::optional<Request> readRequest()
{
    static QByteArray received;
    bool broken = false;
    while (!broken) {
        if (const auto body = takeFrame(received, largestRequest, broken))
            return decodeRequest(*body);
        char buffer[4096];
        const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return {};
        received.append(buffer, n);
    }
    return {};
}

bool sendAnswer(const Answer &answer)
{
    const QByteArray bytes = encode(answer);
    for (qsizetype sent = 0; sent < bytes.size();) {
        const ssize_t n = ::write(STDOUT_FILENO, bytes.constData() + sent,
                                  static_cast<size_t>(bytes.size() - sent));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        sent += n;
    }
    return true;
}

/// Where fonts lie, their configuration, and what poppler reads of encodings.
std::vector<std::string> readablePaths()
{
    std::vector<std::string> paths{"/usr/share/fonts",      "/usr/local/share/fonts",
                                   "/usr/share/fontconfig", "/etc/fonts",
                                   "/var/cache/fontconfig", "/usr/share/poppler",
                                   "/usr/share/ghostscript"};
    const QString home = QDir::homePath();
    for (const auto &below : {u"/.fonts"_s, u"/.local/share/fonts"_s, u"/.config/fontconfig"_s,
                              u"/.cache/fontconfig"_s})
        paths.push_back(QFile::encodeName(home + below).toStdString());
    return paths;
}

bool openFile(QFile &file, const QString &path)
{
    const int descriptor = ::open(QFile::encodeName(path).constData(),
                                  O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat info {
    };
    if (descriptor < 0)
        return false;
    if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
        ::close(descriptor);
        return false;
    }
    return file.open(descriptor, QIODevice::ReadOnly, QFileDevice::AutoCloseHandle);
}

Decoded decode(Kind kind, QFile &file)
{
    switch (kind) {
    case Kind::Image: return openImage(file);
    case Kind::Svg: return openSvg(file);
    case Kind::Pdf: return openPdf(file);
    }
    return failed(Reason::NotKnown);
}

Answer render(Document &document, const RenderRequest &request)
{
    if (request.page >= document.pages())
        return Failed{Reason::Empty, {}};
    Frame frame;
    frame.page = request.page;
    frame.pageSize = document.pageSize(request.page);
    frame.region = request.region;
    const QSizeF natural(frame.pageSize.width() * request.region.width(),
                         frame.pageSize.height() * request.region.height());
    QSizeF size = natural.scaled(request.box, Qt::KeepAspectRatio);
    if (document.isRaster() && size.width() > natural.width())
        size = natural;
    const double pixels = size.width() * size.height();
    if (pixels > mostPixels)
        size *= std::sqrt(mostPixels / pixels);
    frame.size = QSize(std::max(1, static_cast<int>(size.width())),
                       std::max(1, static_cast<int>(size.height())));
    // A very flat page rounded up to one pixel may still be too long.
    frame.size = frame.size.boundedTo(QSize(mostPixels / frame.size.height(), mostPixels));
    const QImage image = document.render(request.page, request.region, frame.size);
    if (image.isNull() || image.size() != frame.size
        || image.format() != QImage::Format_ARGB32_Premultiplied)
        return Failed{Reason::Damaged, {}};
    const qsizetype line = qsizetype(image.width()) * 4;
    frame.pixels.reserve(line * image.height());
    for (int y = 0; y < image.height(); ++y)
        frame.pixels.append(reinterpret_cast<const char *>(image.constScanLine(y)), line);
    return frame;
}

Answer find(Document &document, const FindRequest &request)
{
    const int pages = document.pages();
    if (request.text.isEmpty())
        return Found{};
    for (int i = 0; i < pages; ++i) {
        const int page = (request.page + i) % pages;
        const QList<QRectF> places = document.find(page, request.text);
        if (!places.isEmpty())
            return Found{page, places};
    }
    return Found{};
}

Answer answerTo(Document &document, const Request &request)
{
    if (const auto *wanted = std::get_if<RenderRequest>(&request))
        return render(document, *wanted);
    if (const auto *wanted = std::get_if<FindRequest>(&request))
        return find(document, *wanted);
    return Failed{Reason::NotKnown, {}};
}

/// Serves one document; the process's exit status.
int serve()
{
    // Loaded while code can still be loaded.
    QImageReader::supportedImageFormats();
    // Large pictures are converted on threads, and each wants descriptors and a stack.
    QThreadPool::globalInstance()->setMaxThreadCount(2);
    const std::optional<Request> first = readRequest();
    const auto *open = first ? std::get_if<OpenRequest>(&*first) : nullptr;
    if (!open)
        return 2;
    QFile file;
    if (!openFile(file, open->path)) {
        sendAnswer(Failed{Reason::CannotOpen, {}});
        return 1;
    }
    std::string why;
    if (!confine(readablePaths(), why)) {
        sendAnswer(Failed{Reason::NotConfined, QString::fromStdString(why)});
        return 1;
    }
    Decoded decoded;
    try {
        decoded = decode(open->kind, file);
    } catch (const std::bad_alloc &) {
        decoded = failed(Reason::OutOfMemory);
    }
    if (!decoded.document) {
        sendAnswer(decoded.failure);
        return 1;
    }
    if (!sendAnswer(Opened{decoded.document->pages(), decoded.document->pageSize(0)}))
        return 1;
    while (const std::optional<Request> request = readRequest()) {
        Answer answer;
        try {
            answer = answerTo(*decoded.document, *request);
        } catch (const std::bad_alloc &) {
            answer = Failed{Reason::OutOfMemory, {}};
        }
        if (!sendAnswer(answer))
            break;
    }
    return 0;
}

} // namespace

int main(int argc, char *argv[])
{
    if (::isatty(STDIN_FILENO)) {
        std::fputs(
            "skillbox-preview is started by the Skillbox desktop; it is of no use by hand.\n",
            stderr);
        return 2;
    }
    // Its desktop may be killed.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    // Libraries complain about what is damaged; who hears it are the answers' readers only.
    qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &) {});
    QGuiApplication app(argc, argv);
    // Without destructors: after what was decoded, nothing more is run than must be.
    std::_Exit(serve());
}
