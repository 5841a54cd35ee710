#include "app/desktop/session/run_shelf.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QSaveFile>

#include <mutex>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 mostShelfBytes = 64 << 20;

QString shelfPath(const EngineConfig &config)
{
    return config.dataDirectory + u"/desktop/runs.json"_s;
}

} // namespace

/// Workers may come to the file in any order; an older text must not win.
struct RunShelf::Revision {
    std::mutex mutex;
    qint64 written = 0;
    qint64 newest = 0; ///< GUI thread only
};

RunShelf::RunShelf(EngineThread &engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_revision(std::make_shared<Revision>())
{
    connect(&engine, &EngineThread::stateChanged, this, [this] {
        if (m_engine.state() == EngineThread::State::Open)
            load();
    });
}

void RunShelf::load()
{
    m_engine.ask(
        this,
        [](Engine &engine) -> Result<QByteArray> {
            QFile file(shelfPath(engine.config()));
            if (!file.exists())
                return QByteArray();
            if (!file.open(QIODevice::ReadOnly)) {
                return fail(ErrorCode::Io,
                            u"cannot read \"%1\": %2"_s.arg(file.fileName(), file.errorString()));
            }
            return file.read(mostShelfBytes);
        },
        [this](const Result<QByteArray> &text) {
            if (!text) {
                Q_EMIT failed(text.error().message);
                return;
            }
            take(*text);
            Q_EMIT changed();
        });
}

void RunShelf::take(const QByteArray &text)
{
    const QJsonObject shelf = QJsonDocument::fromJson(text).object();
    const QJsonObject skills = shelf.value("inputs"_L1).toObject();
    for (auto skill = skills.begin(); skill != skills.end(); ++skill) {
        const QJsonObject inputs = skill.value().toObject();
        for (auto it = inputs.begin(); it != inputs.end(); ++it)
            m_inputs[skill.key()].insert(it.key(), it.value().toString().toUtf8());
    }
    for (const QJsonValue pin : shelf.value("pins"_L1).toArray())
        m_pins.insert(pin.toString());
}

QByteArray RunShelf::text() const
{
    QJsonObject skills;
    for (auto skill = m_inputs.begin(); skill != m_inputs.end(); ++skill) {
        QJsonObject inputs;
        for (auto it = skill->begin(); it != skill->end(); ++it)
            inputs.insert(it.key(), QString::fromUtf8(it.value()));
        skills.insert(skill.key(), inputs);
    }
    QStringList pins(m_pins.begin(), m_pins.end());
    pins.sort();
    return QJsonDocument(
               QJsonObject{{"inputs"_L1, skills}, {"pins"_L1, QJsonArray::fromStringList(pins)}})
        .toJson();
}

void RunShelf::store()
{
    const qint64 number = ++m_revision->newest;
    m_engine.ask(
        this,
        [revision = m_revision, number, text = text()](Engine &engine) -> Result<void> {
            const std::lock_guard lock(revision->mutex);
            if (revision->written > number)
                return {};
            const QString path = shelfPath(engine.config());
            QDir().mkpath(QFileInfo(path).path());
            QSaveFile file(path);
            if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size()
                || !file.commit()) {
                return fail(ErrorCode::Io,
                            u"cannot write \"%1\": %2"_s.arg(path, file.errorString()));
            }
            QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner);
            revision->written = number;
            return {};
        },
        [this](const Result<void> &stored) {
            if (!stored)
                Q_EMIT failed(stored.error().message);
        });
    Q_EMIT changed();
}

QList<SavedInput> RunShelf::inputs(const QString &skill) const
{
    QList<SavedInput> found;
    const auto inputs = m_inputs.value(skill);
    for (auto it = inputs.begin(); it != inputs.end(); ++it)
        found.append({it.key(), it.value()});
    return found;
}

void RunShelf::saveInput(const QString &skill, const SavedInput &input)
{
    m_inputs[skill].insert(input.name, input.input);
    store();
}

void RunShelf::removeInput(const QString &skill, const QString &name)
{
    if (m_inputs[skill].remove(name) == 0)
        return;
    if (m_inputs.value(skill).isEmpty())
        m_inputs.remove(skill);
    store();
}

void RunShelf::setPinned(const ExecutionId &id, bool pinned)
{
    if (isPinned(id) == pinned)
        return;
    if (pinned)
        m_pins.insert(id.value);
    else
        m_pins.remove(id.value);
    store();
}

} // namespace skillbox
