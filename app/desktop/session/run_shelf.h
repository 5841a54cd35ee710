#pragma once

#include "app/desktop/session/engine_thread.h"

#include <QSet>

namespace skillbox {

/// An input that was kept under a name.
struct SavedInput {
    QString name;
    QByteArray input; ///< text as it was, JSON or not yet
};

/// What the person keeps beside the store: named inputs of skills and pinned runs. In one file of
/// the data directory, written whole or not at all. GUI thread; files are touched on workers.
class RunShelf : public QObject
{
    Q_OBJECT

public:
    explicit RunShelf(EngineThread &engine, QObject *parent = nullptr);

    /// By name.
    QList<SavedInput> inputs(const QString &skill) const;
    /// Replaces the one of that name.
    void saveInput(const QString &skill, const SavedInput &input);
    void removeInput(const QString &skill, const QString &name);

    bool isPinned(const ExecutionId &id) const { return m_pins.contains(id.value); }
    const QSet<QString> &pins() const { return m_pins; }
    void setPinned(const ExecutionId &id, bool pinned);

Q_SIGNALS:
    void changed();
    /// What was kept could not be read or written.
    void failed(const QString &message);

private:
    struct Revision;
    void load();
    void take(const QByteArray &text);
    QByteArray text() const;
    void store();

    EngineThread &m_engine;
    QMap<QString, QMap<QString, QByteArray>> m_inputs; ///< skill → name → text
    QSet<QString> m_pins;
    std::shared_ptr<Revision> m_revision;
};

} // namespace skillbox
