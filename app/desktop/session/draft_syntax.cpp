#include "app/desktop/session/draft_syntax.h"

#include "engine/script_parsing.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// A text of this size parses in a fraction of a second; longer waiting helps nobody who types.
constexpr auto parsingTime = 10s;

bool isSame(const ScriptProblem &a, const ScriptProblem &b)
{
    return a.line == b.line && a.column == b.column && a.message == b.message;
}

} // namespace

DraftSyntax::DraftSyntax(EngineThread &engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_scratch(std::make_shared<QTemporaryDir>())
{
}

DraftSyntax::~DraftSyntax()
{
    m_stop.request_stop();
}

void DraftSyntax::check(const QString &directory, const QStringList &scripts,
                        const QHash<QString, QByteArray> &unsaved)
{
    m_waiting = Question{directory, scripts, unsaved};
    if (m_running)
        m_stop.request_stop();
    else
        start();
}

void DraftSyntax::start()
{
    m_running = std::exchange(m_waiting, {});
    if (!m_running)
        return;
    if (m_running->directory != m_directory) {
        m_directory = m_running->directory;
        m_verdicts.clear();
    }
    m_stop = {};
    m_engine.ask(
        this,
        [question = *m_running, known = m_verdicts, scratch = m_scratch, stop = m_stop.get_token()](
            Engine &engine) { return parse(engine, question, known, scratch->path(), stop); },
        [this](const Result<Verdicts> &verdicts) { take(verdicts); });
}

Result<DraftSyntax::Verdicts> DraftSyntax::parse(Engine &engine, const Question &question,
                                                 const Verdicts &known, const QString &scratch,
                                                 const std::stop_token &stop)
{
    Verdicts verdicts;
    QList<ScriptToParse> changed;
    for (const QString &path : question.scripts) {
        Verdict verdict;
        const auto unsaved = question.unsaved.constFind(path);
        std::optional<QByteArray> content;
        if (unsaved != question.unsaved.cend()) {
            content = *unsaved;
            verdict.state = QCryptographicHash::hash(*content, QCryptographicHash::Sha256);
        } else {
            const QFileInfo info(question.directory + u'/' + path);
            if (info.size() > largestParsed)
                continue;
            verdict.state = QByteArray::number(info.size()) + ' '
                + QByteArray::number(info.lastModified().toMSecsSinceEpoch());
        }
        const auto old = known.constFind(path);
        if (old != known.cend() && old->state == verdict.state) {
            verdicts.insert(path, *old);
            continue;
        }
        if (!content) {
            QFile file(question.directory + u'/' + path);
            if (!file.open(QIODevice::ReadOnly))
                continue;
            content = file.read(largestParsed);
        }
        verdict.lines = content->count('\n');
        verdicts.insert(path, verdict);
        changed += {question.directory, path, std::move(content)};
    }
    if (changed.isEmpty())
        return verdicts;
    const auto problems = parseScripts(engine.sandbox(), scratch, changed, {parsingTime, stop});
    if (!problems)
        return fail(problems.error());
    for (const ScriptProblem &problem : problems->value(question.directory))
        verdicts[problem.file].problems.append(problem);
    return verdicts;
}

void DraftSyntax::take(const Result<Verdicts> &verdicts)
{
    const Question question = *std::exchange(m_running, {});
    const bool gaveUp = !verdicts && verdicts.error().code == ErrorCode::Cancelled;
    if (!gaveUp) {
        const QString failure = verdicts ? QString() : verdicts.error().message;
        const Verdicts now = verdicts ? *verdicts : Verdicts();
        bool isOther = std::exchange(m_failure, failure) != failure;
        for (auto it = now.cbegin(); it != now.cend() && !isOther; ++it) {
            const Verdict old = m_verdicts.value(it.key());
            isOther = old.lines != it->lines
                || !std::equal(old.problems.cbegin(), old.problems.cend(), it->problems.cbegin(),
                               it->problems.cend(), isSame);
        }
        isOther = isOther || now.size() < m_verdicts.size();
        m_verdicts = now;
        if (isOther)
            Q_EMIT parsed(question.directory);
    }
    if (!m_running)
        start();
}

QList<ScriptProblem> DraftSyntax::problems(const QString &directory,
                                           const QHash<QString, QByteArray> &unsaved) const
{
    QList<ScriptProblem> found;
    if (directory != m_directory)
        return found;
    for (auto it = m_verdicts.cbegin(); it != m_verdicts.cend(); ++it) {
        const auto text = unsaved.constFind(it.key());
        if (text == unsaved.cend() || text->count('\n') == it->lines)
            found += it->problems;
    }
    return found;
}

} // namespace skillbox
