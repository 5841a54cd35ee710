#include "app/desktop/session/draft_autosave.h"

#include <QCryptographicHash>
#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <QUuid>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr auto lockName = "lock"_L1;
constexpr auto draftSuffix = ".draft"_L1;
/// Larger than any file that is edited.
constexpr qint64 largestDraft = 32LL << 20;

/// A line of JSON that says what it is, then the text's bytes.
std::optional<RecoveredDraft> readDraft(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly) || file.size() > largestDraft)
        return std::nullopt;
    const QJsonObject head = QJsonDocument::fromJson(file.readLine(64 * 1024)).object();
    RecoveredDraft draft;
    draft.project = head.value("project"_L1).toString();
    draft.file = head.value("file"_L1).toString();
    draft.baseDigest = QByteArray::fromHex(head.value("base"_L1).toString().toLatin1());
    draft.at = QDateTime::fromString(head.value("at"_L1).toString(), Qt::ISODateWithMs);
    if (draft.project.isEmpty() || draft.file.isEmpty())
        return std::nullopt;
    draft.content = file.readAll();
    return draft;
}

QString draftPath(const QString &folder, const QString &project, const QString &file)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(project.toUtf8() + '\0' + file.toUtf8());
    return folder + u'/' + QString::fromLatin1(hash.result().toHex().first(32)) + draftSuffix;
}

/// The drafts in those of the folders whose process is dead, copied to `own` first, so that a
/// second crash loses nothing.
QList<RecoveredDraft> takeOver(const QStringList &folders, const QString &own)
{
    QList<RecoveredDraft> recovered;
    for (const QString &folder : folders) {
        QLockFile lock(folder + u'/' + lockName);
        lock.setStaleLockTime(0);
        if (!lock.tryLock(0))
            continue; // its process lives
        QDir directory(folder);
        bool allKept = true;
        for (const QString &file : directory.entryList({u"*"_s + draftSuffix}, QDir::Files)) {
            const auto draft = readDraft(directory.filePath(file));
            if (!draft)
                continue;
            allKept = QFile::copy(directory.filePath(file),
                                  draftPath(own, draft->project, draft->file))
                && allKept;
            recovered.append(*draft);
        }
        lock.unlock();
        if (allKept)
            directory.removeRecursively();
    }
    return recovered;
}

} // namespace

DraftAutosave::DraftAutosave(QString directory, QObject *parent)
    : QObject(parent)
    , m_root(std::move(directory))
{
    m_pool.setMaxThreadCount(1); // in order
}

DraftAutosave::~DraftAutosave()
{
    m_pool.waitForDone();
    if (m_own.isEmpty())
        return;
    const bool isEmpty = QDir(m_own).entryList({u"*"_s + draftSuffix}, QDir::Files).isEmpty();
    m_lock.reset();
    if (isEmpty)
        QDir(m_own).removeRecursively();
}

bool DraftAutosave::claim()
{
    if (!m_own.isEmpty())
        return true;
    const QString own = m_root + u'/' + QUuid::createUuid().toString(QUuid::WithoutBraces);
    if (!QDir().mkpath(own))
        return false;
    QFile::setPermissions(own, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    auto lock = std::make_unique<QLockFile>(own + u'/' + lockName);
    lock->setStaleLockTime(0); // only the death of its process makes it stale
    if (!lock->tryLock(0))
        return false;
    m_lock = std::move(lock);
    m_own = own;
    return true;
}

void DraftAutosave::recover(QObject *receiver,
                            std::function<void(QList<RecoveredDraft>)> done)
{
    QStringList folders;
    for (const QString &name : QDir(m_root).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        if (m_root + u'/' + name != m_own)
            folders.append(m_root + u'/' + name);
    }
    if (folders.isEmpty() || !claim())
        return;
    const QPointer<QObject> guard(receiver);
    m_pool.start([this, guard, folders, own = m_own, done = std::move(done)] {
        auto drafts = std::make_shared<QList<RecoveredDraft>>(takeOver(folders, own));
        QMetaObject::invokeMethod(
            this,
            [guard, drafts, done] {
                if (guard && !drafts->isEmpty())
                    done(*drafts);
            },
            Qt::QueuedConnection);
    });
}

void DraftAutosave::keep(const RecoveredDraft &draft)
{
    if (!claim())
        return;
    const QString path = draftPath(m_own, draft.project, draft.file);
    m_pool.start([draft, path] {
        const QJsonObject head{{"project"_L1, draft.project},
                               {"file"_L1, draft.file},
                               {"base"_L1, QString::fromLatin1(draft.baseDigest.toHex())},
                               {"at"_L1, draft.at.toString(Qt::ISODateWithMs)}};
        QSaveFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return;
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        file.write(QJsonDocument(head).toJson(QJsonDocument::Compact) + '\n');
        file.write(draft.content);
        file.commit();
    });
}

void DraftAutosave::drop(const QString &project, const QString &file)
{
    if (m_own.isEmpty())
        return;
    m_pool.start([path = draftPath(m_own, project, file)] { QFile::remove(path); });
}

void DraftAutosave::flush()
{
    m_pool.waitForDone();
}

} // namespace skillbox
