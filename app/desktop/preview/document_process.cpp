#include "app/desktop/preview/document_process.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QProcess>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto usualPatience = 15s;
/// A helper that holds a large picture costs memory; starting another takes some 30 ms.
constexpr auto idleTime = 60s;

} // namespace

DocumentProcess::DocumentProcess(QObject *parent) : QObject(parent)
{
    m_patience.setSingleShot(true);
    m_patience.setInterval(usualPatience);
    m_idle.setSingleShot(true);
    m_idle.setInterval(idleTime);
    connect(&m_patience, &QTimer::timeout, this,
            [this] { giveUp(tr("It takes too long to decode.")); });
    connect(&m_idle, &QTimer::timeout, this, &DocumentProcess::stop);
}

DocumentProcess::~DocumentProcess()
{
    stop();
    // Killed already; a moment to be sure that none outlives the window.
    for (QProcess *process : findChildren<QProcess *>()) {
        process->disconnect();
        process->waitForFinished(1000);
    }
}

QString DocumentProcess::program()
{
    const QDir beside(QCoreApplication::applicationDirPath());
    const QString name = u"skillbox-preview"_s;
    for (const QString &folder : {u"."_s, u"../libexec/skillbox"_s, u"../lib/skillbox"_s}) {
        const QString candidate = QDir::cleanPath(beside.filePath(folder + u'/' + name));
        if (QFileInfo(candidate).isExecutable())
            return candidate;
    }
    return beside.filePath(name);
}

void DocumentProcess::open(preview::Kind kind, const QString &path)
{
    close();
    m_file = {kind, QFileInfo(path).absoluteFilePath()};
    start();
}

void DocumentProcess::close()
{
    stop();
    m_file = {};
    m_render.reset();
    m_find.reset();
    m_opened = false;
    m_announced = false;
}

void DocumentProcess::render(int page, const QRectF &region, const QSize &box)
{
    m_render = preview::RenderRequest{page, region, box};
    sendNext();
}

void DocumentProcess::find(const QString &text, int page)
{
    m_find = preview::FindRequest{text.left(preview::longestText), page};
    sendNext();
}

void DocumentProcess::start()
{
    m_process = new QProcess(this);
    // Nothing of this process' environment but what finding fonts needs.
    QProcessEnvironment environment;
    environment.insert(u"HOME"_s, QDir::homePath());
    environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s);
    environment.insert(u"QT_QPA_PLATFORM"_s, u"offscreen"_s);
    environment.insert(u"QT_NO_GLIB"_s, u"1"_s); // which makes more than it needs
    m_process->setProcessEnvironment(environment);
    m_process->setWorkingDirectory(u"/"_s);
    m_process->setStandardErrorFile(QProcess::nullDevice());
    connect(m_process, &QProcess::readyReadStandardOutput, this, &DocumentProcess::read);
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            giveUp(tr("The program that decodes it, skillbox-preview, cannot be started."));
    });
    connect(m_process, &QProcess::finished, this, [this] {
        read();
        if (m_process && m_asked)
            giveUp(tr("Decoding it failed: the file is damaged, or wants more memory or time than "
                      "a preview gets."));
        else
            stop();
    });
    m_process->start(program(), {});
    m_process->write(preview::encode(preview::Request(m_file)));
    m_asked = true;
    m_patience.start();
    m_idle.stop();
}

void DocumentProcess::stop()
{
    m_patience.stop();
    m_idle.stop();
    m_asked = false;
    m_received.clear();
    if (!m_process)
        return;
    QProcess *process = std::exchange(m_process, nullptr);
    process->disconnect(this);
    // It ends beside us: waiting for it would hold up the window.
    connect(process, &QProcess::finished, process, &QObject::deleteLater);
    if (process->state() == QProcess::NotRunning)
        process->deleteLater(); // this may be in one of its signals
    else
        process->kill();
}

void DocumentProcess::sendNext()
{
    if (m_file.path.isEmpty() || m_asked || (!m_render && !m_find))
        return;
    if (!m_process) {
        start(); // comes back here once the file is open again
        return;
    }
    preview::Request next;
    if (m_render) {
        next = *m_render;
        m_render.reset();
    } else {
        next = *m_find;
        m_find.reset();
    }
    m_process->write(preview::encode(next));
    m_asked = true;
    m_patience.start();
    m_idle.stop();
}

void DocumentProcess::read()
{
    if (!m_process)
        return;
    m_received += m_process->readAllStandardOutput();
    bool broken = false;
    while (const auto body = preview::takeFrame(m_received, preview::largestMessage, broken)) {
        const std::optional<preview::Answer> answer = preview::decodeAnswer(*body);
        if (!answer || !m_asked) {
            broken = true;
            break;
        }
        handle(*answer);
        if (!m_process)
            return;
    }
    if (broken)
        giveUp(tr("Decoding it failed."));
}

void DocumentProcess::handle(const preview::Answer &answer)
{
    m_asked = false;
    m_patience.stop();
    m_idle.start();
    if (const auto *failure = std::get_if<preview::Failed>(&answer)) {
        giveUp(sentence(*failure));
        return;
    }
    if (const auto *info = std::get_if<preview::Opened>(&answer)) {
        m_opened = true;
        if (!std::exchange(m_announced, true))
            Q_EMIT opened(info->pages, info->size);
    } else if (const auto *frame = std::get_if<preview::Frame>(&answer)) {
        // The picture owns a copy: the bytes go with the answer.
        const QImage view(reinterpret_cast<const uchar *>(frame->pixels.constData()),
                          frame->size.width(), frame->size.height(), frame->size.width() * 4,
                          QImage::Format_ARGB32_Premultiplied);
        Q_EMIT rendered({frame->page, frame->pageSize, frame->region, view.copy()});
    } else if (const auto *places = std::get_if<preview::Found>(&answer)) {
        Q_EMIT found(places->page, places->places);
    }
    sendNext();
}

void DocumentProcess::giveUp(const QString &why)
{
    stop();
    m_render.reset();
    m_find.reset();
    Q_EMIT failed(why);
}

QString DocumentProcess::sentence(const preview::Failed &failure) const
{
    switch (failure.reason) {
    case preview::Reason::CannotOpen: return tr("The file cannot be read.");
    case preview::Reason::NotKnown: return tr("It is of no format that can be shown here.");
    case preview::Reason::Damaged: return tr("The file is damaged or not complete.");
    case preview::Reason::TooLarge:
        return tr("It is too large to be decoded here: %1.").arg(failure.detail.left(60));
    case preview::Reason::Encrypted: return tr("It is protected with a password.");
    case preview::Reason::Empty: return tr("There is nothing in it to show.");
    case preview::Reason::OutOfMemory: return tr("Decoding it takes too much memory.");
    case preview::Reason::NotConfined:
        return tr("The program that decodes it could not lock itself in, and so decodes nothing.");
    }
    return tr("Decoding it failed.");
}

} // namespace skillbox
