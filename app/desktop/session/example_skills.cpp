#include "app/desktop/session/example_skills.h"

#include "engine/local_user.h"

#include <QCoreApplication>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr auto resources = ":/examples/"_L1;

Result<void> writeExample(const QString &name, const QString &folder)
{
    const QString source = resources + name;
    if (name.isEmpty() || !QFile::exists(source + u"/SKILL.md"_s))
        return fail(ErrorCode::NotFound, u"there is no example skill \"%1\""_s.arg(name));
    QDirIterator files(source, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString from = files.next();
        const QString to = folder + from.sliced(source.size());
        const QString parent = to.left(to.lastIndexOf(u'/'));
        QFile file(from);
        if (!QDir().mkpath(parent) || !file.copy(to)) {
            return fail(ErrorCode::Io,
                        u"cannot write \"%1\": %2"_s.arg(to, file.errorString()));
        }
        // What comes out of the program's resources is read-only.
        QFile::setPermissions(to, QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup
                                      | QFile::ReadOther);
    }
    return {};
}

} // namespace

ExampleSkills::ExampleSkills(EngineThread &engine, SkillCatalog &catalog, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_catalog(catalog)
{
}

QList<ExampleSkill> ExampleSkills::all()
{
    return {
        {u"word-counter"_s, tr("Counts the words of a text and lists the most frequent ones."),
         "{\n  \"text\": \"The quick brown fox jumps over the lazy dog. The dog sleeps on.\",\n"
         "  \"top\": 5\n}\n"_ba},
        {u"text-summary"_s, tr("Picks the sentences that say most of a text."),
         "{\n  \"text\": \"Skills are folders. A skill holds instructions and scripts. An agent "
         "reads the instructions. The scripts run in a sandbox. The weather is fine today.\",\n"
         "  \"sentences\": 2\n}\n"_ba},
        {u"data-analysis"_s, tr("Describes a table and draws a chart of it."),
         "{\n  \"text\": \"city,people\\nOslo,717710\\nBergen,291940\\nTrondheim,214565\\n\"\n}\n"_ba},
    };
}

void ExampleSkills::publish(QObject *receiver, const QString &name,
                            std::function<void(Result<Published>)> done)
{
    m_engine.ask(
        receiver,
        [name](Engine &engine) -> Result<Published> {
            const QTemporaryDir folder;
            const QString skill = folder.filePath(name);
            if (const Result<void> written = writeExample(name, skill); !written)
                return fail(written.error());
            const Origin origin{.actor = localUserName(), .address = {}, .requestId = {}};
            return engine.registry().publishDirectory(localTenant(), skill, origin);
        },
        [catalog = QPointer(&m_catalog), done = std::move(done)](const Result<Published> &published) {
            if (catalog && published && published->created)
                Q_EMIT catalog->changed();
            done(published);
        });
}

void ExampleSkills::copy(QObject *receiver, const QString &name, const QString &parent,
                         std::function<void(Result<QString>)> done)
{
    m_engine.ask(
        receiver,
        [name, parent](Engine &) -> Result<QString> {
            QString folder = parent + u'/' + name;
            if (QFile::exists(folder)) {
                return fail(ErrorCode::Conflict,
                            u"there is already a folder \"%1\""_s.arg(folder));
            }
            if (const Result<void> written = writeExample(name, folder); !written)
                return fail(written.error());
            return folder;
        },
        std::move(done));
}

} // namespace skillbox
