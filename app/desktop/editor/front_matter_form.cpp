#include "app/desktop/editor/front_matter_form.h"

#include "app/desktop/editor/front_matter_fields.h"
#include "engine/base/language.h"
#include "engine/skill/front_matter.h"
#include "engine/skill/header_edit.h"
#include "engine/skill/yaml_header.h"

#include <QFormLayout>
#include <QStyle>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Typing in a field becomes an edit of the text after it.
constexpr auto typingPause = 250ms;
constexpr int longestDescription = 1024;

struct FieldValue {
    QString text;
    QStringList path;
    bool isScalar = true;
};

/// The field as the header has it; an empty path: it has not.
FieldValue readField(const YamlNode &root, const QString &key, bool runtime)
{
    const auto scalar = [](const YamlNode *node, const QStringList &path) {
        return node->isEmpty() ? FieldValue{{}, path}
                               : FieldValue{node->isScalar() ? node->text : QString(), path,
                                            node->isScalar()};
    };
    if (const YamlNode *metadata = root.find(u"metadata"); metadata && metadata->isMapping()) {
        const QString inner = runtime ? u"skillbox."_s + key : key;
        if (runtime || key == "version"_L1) {
            if (const YamlNode *node = metadata->find(inner))
                return scalar(node, {u"metadata"_s, inner});
        }
    }
    if (runtime && (key == "cpu"_L1 || key == "memory"_L1)) {
        const YamlNode *resources = root.find(u"resources");
        const YamlNode *node = resources && resources->isMapping() ? resources->find(key)
                                                                   : nullptr;
        return node ? scalar(node, {u"resources"_s, key}) : FieldValue();
    }
    if (key == "capabilities"_L1)
        return {};
    if (const YamlNode *node = root.find(key))
        return scalar(node, {key});
    return {};
}

} // namespace

FrontMatterForm::FrontMatterForm(QWidget *parent)
    : QScrollArea(parent)
    , m_problem(new QLabel)
    , m_length(new QLabel)
{
    setObjectName(u"editor.form"_s);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *inside = new QWidget;
    inside->setProperty("surface", u"page"_s);
    auto *column = new QVBoxLayout(inside);
    column->setContentsMargins(16, 12, 16, 16);
    column->setSpacing(4);
    m_problem->setObjectName(u"editor.formProblem"_s);
    m_problem->setProperty("textRole", u"error"_s);
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->hide();
    column->addWidget(m_problem);
    setWidget(inside);
    m_length->setProperty("textRole", u"muted"_s);

    QStringList licenses = commonLicenses();
    licenses.prepend({});
    addField(u"name"_s, tr("Name"), Editor::Line, false);
    addField(u"description"_s, tr("Description"), Editor::Text, false);
    column->addWidget(m_length, 0, Qt::AlignRight);
    addField(u"version"_s, tr("Version"), Editor::Line, false);
    addField(u"license"_s, tr("Licence"), Editor::Choice, false, licenses);
    addField(u"lang"_s, tr("Language"), Editor::Choice, true,
             {{}, u"python"_s, u"node"_s, u"bash"_s});
    addField(u"entrypoint"_s, tr("Script that is run"), Editor::Choice, true, {QString()});
    addField(u"timeout"_s, tr("Time limit"), Editor::Line, true);
    addField(u"memory"_s, tr("Memory"), Editor::Line, true);
    addField(u"cpu"_s, tr("Processor cores"), Editor::Line, true);
    addField(u"mode"_s, tr("Mode"), Editor::Choice, true,
             {{}, u"executable"_s, u"cognitive"_s});
    addField(u"image"_s, tr("Environment (image)"), Editor::Line, true);
    addField(u"capabilities"_s, tr("Capabilities"), Editor::Line, true);
    addField(u"compatibility"_s, tr("Compatibility"), Editor::Line, false);
    addField(u"allowed-tools"_s, tr("Allowed tools"), Editor::Line, false);
    column->addStretch();

    m_applyDelay.setSingleShot(true);
    m_applyDelay.setInterval(typingPause);
    connect(&m_applyDelay, &QTimer::timeout, this, [this] {
        const QString key = std::exchange(m_pending, {});
        for (const Field &field : std::as_const(m_fields)) {
            if (field.key == key)
                apply(field);
        }
    });
}

void FrontMatterForm::addField(const QString &key, const QString &label, Editor editor,
                               bool runtime, const QStringList &choices)
{
    auto *column = static_cast<QVBoxLayout *>(widget()->layout());
    auto *title = new QLabel(label);
    title->setProperty("textRole", u"muted"_s);
    const auto typed = [this, key] {
        if (!m_pending.isEmpty() && m_pending != key) {
            m_applyDelay.stop();
            const QString other = std::exchange(m_pending, {});
            for (const Field &field : std::as_const(m_fields)) {
                if (field.key == other)
                    apply(field);
            }
        }
        m_pending = key;
        m_applyDelay.start();
    };
    QWidget *widget = nullptr;
    if (editor == Editor::Line) {
        auto *line = new QLineEdit;
        connect(line, &QLineEdit::textEdited, this, typed);
        widget = line;
    } else if (editor == Editor::Choice) {
        auto *choice = new QComboBox;
        choice->setEditable(true);
        choice->addItems(choices);
        choice->setInsertPolicy(QComboBox::NoInsert);
        connect(choice->lineEdit(), &QLineEdit::textEdited, this, typed);
        connect(choice, &QComboBox::activated, this, typed);
        widget = choice;
    } else {
        auto *text = new QPlainTextEdit;
        text->setTabChangesFocus(true);
        text->setFixedHeight(88);
        connect(text, &QPlainTextEdit::textChanged, this, [text, typed] {
            if (text->hasFocus())
                typed();
        });
        widget = text;
    }
    const FrontMatterField *known = findFrontMatterField(
        runtime ? u"metadata"_s : QString(), runtime ? u"skillbox."_s + key : key);
    if (known)
        widget->setToolTip(known->help);
    widget->setAccessibleName(label);
    widget->setObjectName(u"editor.field."_s + key);
    title->setBuddy(widget);
    column->addSpacing(4);
    column->addWidget(title);
    column->addWidget(widget);
    m_fields.append({key, label, editor, runtime, widget});
}

QString FrontMatterForm::valueOf(const Field &field) const
{
    switch (field.editor) {
    case Editor::Line: return static_cast<QLineEdit *>(field.widget)->text();
    case Editor::Choice: return static_cast<QComboBox *>(field.widget)->currentText();
    case Editor::Text: break;
    }
    // YAML on one line: a line break typed here is a space.
    return static_cast<QPlainTextEdit *>(field.widget)->toPlainText().simplified();
}

void FrontMatterForm::setValue(const Field &field, const QString &value)
{
    if (valueOf(field) == value)
        return;
    switch (field.editor) {
    case Editor::Line: {
        auto *line = static_cast<QLineEdit *>(field.widget);
        line->setText(value);
        line->setCursorPosition(0); // a long value shows its beginning
        break;
    }
    case Editor::Choice: {
        auto *choice = static_cast<QComboBox *>(field.widget);
        choice->setEditText(value);
        choice->lineEdit()->setCursorPosition(0);
        break;
    }
    case Editor::Text: static_cast<QPlainTextEdit *>(field.widget)->setPlainText(value); break;
    }
}

void FrontMatterForm::setFiles(const QStringList &files)
{
    for (const Field &field : std::as_const(m_fields)) {
        if (field.key != "entrypoint"_L1)
            continue;
        auto *choice = static_cast<QComboBox *>(field.widget);
        const QString now = choice->currentText();
        choice->clear();
        choice->addItem({});
        for (const QString &file : files) {
            if (languageOfScript(file) && !file.startsWith(u"tests/"))
                choice->addItem(file);
        }
        choice->setEditText(now);
    }
}

void FrontMatterForm::setText(const QByteArray &text)
{
    m_text = text;
    QList<RuleHit> hits;
    const auto parts = splitFrontMatter(text, hits);
    const YamlHeader yaml = parts ? parseYamlHeader(parts->header) : YamlHeader();
    if (!yaml.root) {
        showProblem(!parts && !hits.isEmpty()   ? hits.constLast().message
                    : yaml.problems.isEmpty() ? tr("the front matter is empty")
                                              : yaml.problems.constFirst().message);
        return;
    }
    showProblem({});
    for (const Field &field : std::as_const(m_fields)) {
        const FieldValue value = readField(*yaml.root, field.key, field.runtime);
        field.widget->setEnabled(value.isScalar);
        if (field.key == m_pending)
            continue;
        // Texts over several lines are shown as one, as they will be written.
        setValue(field, field.editor == Editor::Text ? value.text.simplified() : value.text);
        if (field.key == "description"_L1)
            m_length->setText(tr("%1 of %2 characters").arg(value.text.size()).arg(
                longestDescription));
    }
}

QStringList FrontMatterForm::pathOf(const Field &field) const
{
    QList<RuleHit> hits;
    const auto parts = splitFrontMatter(m_text, hits);
    const YamlHeader yaml = parts ? parseYamlHeader(parts->header) : YamlHeader();
    if (yaml.root) {
        const FieldValue value = readField(*yaml.root, field.key, field.runtime);
        if (!value.path.isEmpty())
            return value.path;
        const YamlNode *metadata = yaml.root->find(u"metadata");
        if (field.key == "version"_L1 && metadata && metadata->isMapping())
            return {u"metadata"_s, field.key};
        // A text that writes another field of the runtime at the top level goes on so.
        for (const auto key : {"lang"_L1, "timeout"_L1, "image"_L1, "mode"_L1, "entrypoint"_L1}) {
            if (field.runtime && field.key != "capabilities"_L1 && yaml.root->find(QString(key))) {
                return field.key == "cpu"_L1 || field.key == "memory"_L1
                    ? QStringList{u"resources"_s, field.key}
                    : QStringList{field.key};
            }
        }
    }
    return field.runtime ? QStringList{u"metadata"_s, u"skillbox."_s + field.key}
                         : QStringList{field.key};
}

void FrontMatterForm::apply(const Field &field)
{
    const QString value = valueOf(field).trimmed();
    const bool isNeeded = field.key == "name"_L1 || field.key == "description"_L1;
    const auto changed = withHeaderField(m_text, pathOf(field),
                                         value.isEmpty() && !isNeeded
                                             ? std::nullopt
                                             : std::optional<QString>(value));
    if (!changed) {
        showProblem(changed.error().message);
        return;
    }
    showProblem({});
    if (*changed == m_text)
        return;
    m_text = *changed;
    if (field.key == "description"_L1)
        m_length->setText(tr("%1 of %2 characters").arg(value.size()).arg(longestDescription));
    Q_EMIT edited(m_text);
}

void FrontMatterForm::showProblem(const QString &problem)
{
    m_problem->setVisible(!problem.isEmpty());
    m_problem->setText(problem.isEmpty()
                           ? QString()
                           : tr("The fields cannot be read from the text: %1.").arg(problem));
}

} // namespace skillbox
