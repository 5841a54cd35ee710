#pragma once

#include "app/desktop/session/skill_catalog.h"

namespace skillbox {

/// One of the skills that Skillbox comes with.
struct ExampleSkill {
    QString name;
    QString description;
    QByteArray input; ///< JSON text that shows what it does
};

/// The example skills, which the program carries inside. GUI thread.
class ExampleSkills : public QObject
{
    Q_OBJECT

public:
    ExampleSkills(EngineThread &engine, SkillCatalog &catalog, QObject *parent = nullptr);

    static QList<ExampleSkill> all();
    /// Publishes one to the local store; that it is there already is a success.
    void publish(QObject *receiver, const QString &name,
                 std::function<void(Result<Published>)> done);
    /// Writes one as a folder `parent/<name>`, to be changed. Conflict if there is one.
    void copy(QObject *receiver, const QString &name, const QString &parent,
              std::function<void(Result<QString>)> done);

private:
    EngineThread &m_engine;
    SkillCatalog &m_catalog;
};

} // namespace skillbox
