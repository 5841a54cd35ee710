#include "app/desktop/console/run_comparison.h"

#include "app/desktop/console/history_model.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/session/json_node.h"
#include "app/desktop/text/diff_view.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/state_view.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonDocument>
#include <QLabel>
#include <QLocale>
#include <QRegularExpression>
#include <QShortcut>
#include <QSplitter>
#include <QTabWidget>
#include <QToolButton>
#include <QTreeWidget>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A larger file is not compared by lines; its digest says whether it differs.
constexpr qint64 mostComparedFileBytes = 4 << 20;
/// A longer JSON text is compared as it came: laying it out would stop the window.
constexpr qsizetype mostLaidOutBytes = 2 << 20;

/// Laid out in lines with sorted members, so that what differs only in form does not differ.
QString jsonLines(const JsonText &json)
{
    if (json.isEmpty())
        return {};
    return json.bytes().size() > mostLaidOutBytes
        ? QString::fromUtf8(json.bytes())
        : JsonNode::fromText(json).pretty(JsonNode::Order::ByName) + u'\n';
}

QString plainLog(QString log)
{
    static const QRegularExpression sequences(
        u"\x1b(\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\))"_s);
    return log.remove(sequences);
}

/// What runs of one skill with one input can still differ in.
QString factLines(const ExecutionRecord &record)
{
    JsonNode facts = JsonNode::object();
    const auto add = [&](const QString &name, const QString &value) {
        if (!value.isEmpty())
            facts.setMember(name, JsonNode::string(value));
    };
    add(u"skill"_s, record.skillName);
    add(u"version"_s, record.skillVersion);
    add(u"digest"_s, record.skillDigest);
    add(u"entrypoint"_s, record.entrypoint);
    add(u"status"_s, QString(executionStatusName(record.status)));
    add(u"reason"_s, record.reason);
    add(u"error"_s, record.error);
    add(u"caller"_s, record.caller);
    if (record.exitCode)
        facts.setMember(u"exit_code"_s, JsonNode::number(QString::number(*record.exitCode)));
    facts.setMember(u"duration_ms"_s, JsonNode::number(QString::number(record.durationMs)));
    const auto sandbox = JsonNode::parse(QJsonDocument(record.sandbox).toJson());
    if (sandbox)
        facts.setMember(u"sandbox"_s, *sandbox);
    return facts.pretty() + u'\n';
}

} // namespace

RunComparison::RunComparison(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_title(new QLabel(tr("Two runs compared")))
    , m_swap(new QToolButton)
    , m_close(new QToolButton)
    , m_tabs(new QTabWidget)
    , m_output(new DiffView)
    , m_log(new DiffView)
    , m_input(new DiffView)
    , m_facts(new DiffView)
    , m_files(new QTreeWidget)
    , m_file(new DiffView)
{
    m_title->setProperty("textRole", u"heading"_s);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_swap->setText(tr("Swap sides"));
    m_swap->setObjectName(u"runs.diff.swap"_s);
    m_close->setToolTip(tr("Back to the run (Esc)"));
    m_close->setAccessibleName(tr("Close the comparison"));
    m_close->setObjectName(u"runs.diff.close"_s);
    for (QToolButton *button : {m_swap, m_close})
        button->setFocusPolicy(Qt::TabFocus);
    auto *escape = new QShortcut(QKeySequence(Qt::Key_Escape), this);
    escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, &RunComparison::closed);

    auto *filesTab = new QSplitter(Qt::Vertical);
    m_files->setObjectName(u"runs.diff.files"_s);
    m_files->setAccessibleName(tr("Files of both runs"));
    m_files->setRootIsDecorated(false);
    m_files->setUniformRowHeights(true);
    m_files->setHeaderLabels({tr("File"), tr("Difference"), tr("Left"), tr("Right")});
    m_files->setColumnWidth(0, 320);
    filesTab->addWidget(m_files);
    filesTab->addWidget(m_file);
    filesTab->setSizes({160, 400});
    filesTab->setChildrenCollapsible(false);
    m_tabs->setObjectName(u"runs.diff.tabs"_s);
    m_output->setObjectName(u"runs.diff.output"_s);
    m_log->setObjectName(u"runs.diff.log"_s);
    m_file->setObjectName(u"runs.diff.file"_s);
    m_tabs->addTab(m_output, tr("Output"));
    m_tabs->addTab(m_log, tr("Log"));
    m_tabs->addTab(filesTab, tr("Files"));
    m_tabs->addTab(m_input, tr("Input"));
    m_tabs->addTab(m_facts, tr("Details"));

    auto *content = new QWidget;
    auto *inner = new QVBoxLayout(content);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->addWidget(m_tabs);
    m_state = new StateView(content);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(16, 12, 12, 8);
    bar->setSpacing(8);
    bar->addWidget(m_title, 1);
    bar->addWidget(m_swap);
    bar->addWidget(m_close);
    column->addLayout(bar);
    column->addWidget(m_state, 1);

    connect(m_swap, &QToolButton::clicked, this,
            [this] { compare(ExecutionId(m_right.id), ExecutionId(m_left.id)); });
    connect(m_close, &QToolButton::clicked, this, &RunComparison::closed);
    connect(m_files, &QTreeWidget::currentItemChanged, this, &RunComparison::showFile);
}

void RunComparison::compare(const ExecutionId &left, const ExecutionId &right)
{
    m_left = {left, {}};
    m_right = {right, {}};
    ++m_question;
    m_state->showLoading(tr("Loading both runs …"));
    load(m_left);
    load(m_right);
}

void RunComparison::load(Side &side)
{
    m_desk.session.runs().find(
        this, side.id, [this, &side, question = m_question](const Result<ExecutionRecord> &record) {
            if (question != m_question)
                return;
            if (!record) {
                m_state->showMessage(u"error"_s, tr("The runs cannot be compared"),
                                     record.error().message);
                return;
            }
            side.record = *record;
            if (m_left.record && m_right.record)
                takeBoth();
        });
}

QString RunComparison::titleOf(const ExecutionRecord &record) const
{
    return u"%1 %2 · %3"_s.arg(record.skillName, record.skillVersion,
                               shortMoment(record.createdAt));
}

void RunComparison::takeBoth()
{
    const ExecutionRecord &left = *m_left.record;
    const ExecutionRecord &right = *m_right.record;
    const QString leftTitle = titleOf(left);
    const QString rightTitle = titleOf(right);
    m_title->setText(leftTitle + u"  ↔  "_s + rightTitle);
    m_title->setToolTip(u"%1\n%2"_s.arg(left.id.value, right.id.value));
    m_state->showContent();
    if (left.output.isEmpty() && right.output.isEmpty()) {
        m_output->showMessage(u"info"_s, tr("No output"), tr("Neither run wrote an output."));
    } else {
        m_output->setTexts(leftTitle, jsonLines(left.output), rightTitle, jsonLines(right.output),
                           u"output.json"_s);
    }
    m_log->setTexts(leftTitle, plainLog(left.logs), rightTitle, plainLog(right.logs));
    m_input->setTexts(leftTitle, jsonLines(left.input), rightTitle, jsonLines(right.input),
                      u"input.json"_s);
    m_facts->setTexts(leftTitle, factLines(left), rightTitle, factLines(right));

    QMap<QString, std::pair<const ArtifactRecord *, const ArtifactRecord *>> paths;
    for (const ArtifactRecord &artifact : left.artifacts)
        paths[artifact.path].first = &artifact;
    for (const ArtifactRecord &artifact : right.artifacts)
        paths[artifact.path].second = &artifact;
    m_files->clear();
    int differing = 0;
    const QLocale locale;
    for (auto it = paths.begin(); it != paths.end(); ++it) {
        const auto [a, b] = it.value();
        const bool same = a && b && a->blob == b->blob;
        const auto size = [&](const ArtifactRecord *artifact) {
            return artifact ? locale.formattedDataSize(artifact->sizeBytes) : QString();
        };
        m_files->addTopLevelItem(new QTreeWidgetItem({it.key(),
                                                      same     ? tr("same")
                                                          : !a ? tr("only right")
                                                          : !b ? tr("only left")
                                                               : tr("changed"),
                                                      size(a), size(b)}));
        differing += same ? 0 : 1;
    }
    m_tabs->setTabText(2, differing > 0 ? tr("Files (%1 differ)").arg(differing) : tr("Files"));
    if (m_files->topLevelItemCount() > 0)
        m_files->setCurrentItem(m_files->topLevelItem(0));
    else
        m_file->showMessage(u"folder"_s, tr("No files"), tr("Neither run left files."));
}

void RunComparison::showFile()
{
    const QTreeWidgetItem *item = m_files->currentItem();
    if (!item || !m_left.record || !m_right.record)
        return;
    const QString path = item->text(0);
    const auto find = [&](const Side &side) -> std::optional<ArtifactRecord> {
        for (const ArtifactRecord &artifact : side.record->artifacts) {
            if (artifact.path == path)
                return artifact;
        }
        return std::nullopt;
    };
    const auto left = find(m_left);
    const auto right = find(m_right);
    const int question = ++m_fileQuestion;
    if (left && right && left->blob == right->blob) {
        m_file->showMessage(u"check"_s, tr("No difference"),
                            tr("%1 has the same bytes in both runs.").arg(path));
        return;
    }
    for (const auto &side : {left, right}) {
        if (side && side->sizeBytes > mostComparedFileBytes) {
            m_file->showMessage(u"info"_s, tr("The files differ"),
                                tr("%1 is too large to be compared by lines.").arg(path));
            return;
        }
    }
    m_file->showMessage(u"diff"_s, tr("Loading …"), path);
    struct Contents {
        QByteArray left;
        QByteArray right;
        int missing = 0;
    };
    auto contents = std::make_shared<Contents>();
    contents->missing = (left ? 1 : 0) + (right ? 1 : 0);
    const auto ask = [&](const std::optional<ArtifactRecord> &artifact,
                         QByteArray Contents::*into) {
        if (!artifact)
            return;
        m_desk.session.runs().readArtifact(
            this, *artifact, mostComparedFileBytes,
            [this, question, contents, into, path](const Result<QByteArray> &bytes) {
                if (question != m_fileQuestion)
                    return;
                if (!bytes) {
                    m_file->showMessage(u"error"_s, tr("The file cannot be read"),
                                        bytes.error().message);
                    return;
                }
                (*contents).*into = *bytes;
                if (--contents->missing > 0)
                    return;
                if (contents->left.contains('\0') || contents->right.contains('\0')) {
                    m_file->showMessage(u"info"_s, tr("The files differ"),
                                        tr("%1 is not text.").arg(path));
                    return;
                }
                m_file->setTexts(titleOf(*m_left.record), QString::fromUtf8(contents->left),
                                 titleOf(*m_right.record), QString::fromUtf8(contents->right),
                                 path);
            });
    };
    ask(left, &Contents::left);
    ask(right, &Contents::right);
}

void RunComparison::applyTheme(const Theme &theme)
{
    m_state->applyTheme(theme);
    m_close->setIcon(themedIcon(u"close"_s, theme));
    for (DiffView *view : {m_output, m_log, m_input, m_facts, m_file})
        view->applyTheme(theme);
}

} // namespace skillbox
