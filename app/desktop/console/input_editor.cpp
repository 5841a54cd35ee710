#include "app/desktop/console/input_editor.h"

#include "app/desktop/console/value_editors.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/text/code_view.h"
#include "app/desktop/widgets/controls.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Long enough not to ask for every letter, short enough to feel immediate.
constexpr auto checkDelay = 200ms;
/// A longer input has no form: building one would stop the window.
constexpr qsizetype mostFormBytes = 2 << 20;
constexpr int shownProblems = 4;

} // namespace

InputEditor::InputEditor(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_views(new QStackedWidget)
    , m_scroll(new QScrollArea)
    , m_json(new CodeView)
    , m_asForm(new QToolButton)
    , m_asJson(new QToolButton)
    , m_note(new QLabel)
    , m_problems(new QLabel)
{
    m_json->setReadOnly(false);
    m_json->setObjectName(u"runs.input.json"_s);
    m_json->setAccessibleName(tr("Input as JSON"));
    m_json->setTabChangesFocus(true);
    m_json->setSource(u"{}"_s, u"input.json"_s);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus); // its fields have it
    m_scroll->setObjectName(u"runs.input.form"_s);
    m_views->addWidget(m_scroll);
    m_views->addWidget(m_json);
    m_asForm->setText(tr("Form"));
    m_asForm->setObjectName(u"runs.input.asForm"_s);
    m_asJson->setText(tr("JSON"));
    m_asJson->setObjectName(u"runs.input.asJson"_s);
    auto *group = new QButtonGroup(this);
    for (QToolButton *button : {m_asForm, m_asJson}) {
        button->setCheckable(true);
        button->setFocusPolicy(Qt::TabFocus);
        group->addButton(button);
    }
    m_asJson->setChecked(true);
    m_views->setCurrentWidget(m_json);
    m_note->setProperty("textRole", u"muted"_s);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_problems->setProperty("textRole", u"error"_s);
    m_problems->setObjectName(u"runs.input.problems"_s);
    m_problems->setTextFormat(Qt::PlainText);
    m_problems->setWordWrap(true);
    m_problems->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_problems->setContentsMargins(12, 6, 12, 6);
    m_problems->hide();

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 6, 8, 6);
    bar->setSpacing(4);
    bar->addWidget(m_asForm);
    bar->addWidget(m_asJson);
    bar->addSpacing(8);
    bar->addWidget(m_note, 1);
    column->addLayout(bar);
    column->addWidget(m_views, 1);
    column->addWidget(m_problems);

    m_checkDelay.setSingleShot(true);
    m_checkDelay.setInterval(checkDelay);
    connect(&m_checkDelay, &QTimer::timeout, this, &InputEditor::check);
    connect(m_json, &QPlainTextEdit::textChanged, this, [this] {
        if (!m_setting)
            noteEdit();
    });
    connect(m_asForm, &QToolButton::clicked, this, [this] { setForm(true); });
    connect(m_asJson, &QToolButton::clicked, this, [this] { setForm(false); });
    setTarget({});
}

InputEditor::~InputEditor() = default;

void InputEditor::setTarget(const RunTarget &target)
{
    const QByteArray kept = text();
    m_views->setCurrentWidget(m_json); // the form goes with its schema
    m_schema = target.inputSchema;
    m_schemaProblem = target.schemaProblem;
    buildForm();
    if (!m_schemaProblem.isEmpty())
        m_note->setText(tr("schemas/input.json is not used: %1").arg(m_schemaProblem));
    else if (m_schema.isEmpty())
        m_note->setText(target.name.isEmpty() ? QString()
                                              : tr("This skill has no schemas/input.json."));
    else
        m_note->setText(m_hasForm ? QString() : tr("The schema is too free for a form."));
    m_note->setToolTip(plainToolTip(m_note->text()));
    m_asForm->setEnabled(m_hasForm);
    setText(kept);
}

void InputEditor::buildForm()
{
    m_hasForm = false;
    m_form = nullptr;
    auto *holder = new QWidget;
    holder->setProperty("surface", u"page"_s);
    auto *column = new QVBoxLayout(holder);
    column->setContentsMargins(16, 8, 16, 16);
    if (!m_schema.isEmpty()) {
        FormContext context;
        context.schema = std::make_shared<FormSchema>(m_schema);
        context.theme = m_theme;
        const JsonNode &root = context.schema->root();
        m_hasForm = root.isObject() && context.schema->shapeOf(root).kind != FieldShape::Kind::Raw;
        if (m_hasForm) {
            m_form = new FormField(context, {}, &root, FormField::Presence::Always, -1);
            column->addWidget(m_form);
            connect(m_form, &FormField::edited, this, &InputEditor::noteEdit);
        }
    }
    column->addStretch(1);
    m_scroll->setWidget(holder); // and deletes the one before
}

void InputEditor::setText(const QByteArray &text)
{
    m_setting = true;
    const auto parsed = JsonNode::parse(text.trimmed().isEmpty() ? QByteArray("{}") : text);
    const bool wantsForm = m_hasForm && parsed && text.size() <= mostFormBytes;
    m_json->setPlainText(parsed && text.size() <= mostFormBytes ? parsed->pretty()
                                                                : QString::fromUtf8(text));
    if (wantsForm)
        m_form->setValue(*parsed);
    m_views->setCurrentWidget(wantsForm ? static_cast<QWidget *>(m_scroll) : m_json);
    (wantsForm ? m_asForm : m_asJson)->setChecked(true);
    m_setting = false;
    check();
}

bool InputEditor::isForm() const
{
    return m_views->currentWidget() == m_scroll;
}

void InputEditor::setForm(bool form)
{
    if (form != isForm() && form) {
        const QByteArray typed = text();
        const auto parsed = JsonNode::parse(typed.trimmed().isEmpty() ? QByteArray("{}") : typed);
        if (!m_hasForm || !parsed || typed.size() > mostFormBytes) {
            m_asJson->setChecked(true);
            if (!parsed)
                tell({tr("No form can be shown: the input %1").arg(parsed.error().message)});
            return;
        }
        m_form->setValue(*parsed);
        m_views->setCurrentWidget(m_scroll);
    } else if (form != isForm()) {
        if (const QString complaint = m_form->complaint(); !complaint.isEmpty()) {
            m_asForm->setChecked(true);
            tell({complaint});
            return;
        }
        m_setting = true;
        m_json->setPlainText(m_form->value().value_or(JsonNode::object()).pretty());
        m_setting = false;
        m_views->setCurrentWidget(m_json);
    }
    (isForm() ? m_asForm : m_asJson)->setChecked(true);
    check();
}

QByteArray InputEditor::text() const
{
    return isForm() && m_form ? m_form->value().value_or(JsonNode::object()).compact()
                              : m_json->toPlainText().toUtf8();
}

Result<QByteArray> InputEditor::input() const
{
    if (isForm() && m_form) {
        if (const QString complaint = m_form->complaint(); !complaint.isEmpty())
            return fail(ErrorCode::BadRequest, complaint);
        return text();
    }
    const QByteArray typed = text();
    if (typed.trimmed().isEmpty())
        return "{}"_ba;
    return JsonText::parse(typed).map(&JsonText::bytes);
}

void InputEditor::noteEdit()
{
    m_checkDelay.start();
    Q_EMIT edited();
}

void InputEditor::check()
{
    m_checkDelay.stop();
    const int question = ++m_question;
    const auto typed = input();
    if (!typed) {
        if (m_form && isForm()) {
            FieldProblems none;
            m_form->showProblems({}, none);
        }
        tell({tr("The input %1").arg(typed.error().message)});
        return;
    }
    m_desk.session.runs().check(this, m_schema, *typed,
                                [this, question](const Result<QJsonArray> &problems) {
                                    if (question != m_question)
                                        return;
                                    if (problems)
                                        showProblems(*problems);
                                    else
                                        tell({problems.error().message});
                                });
}

void InputEditor::showProblems(const QJsonArray &problems)
{
    const auto sentence = [](const QString &pointer, const QString &message) {
        return pointer.isEmpty() ? tr("The input %1").arg(message)
                                 : u"%1 %2"_s.arg(pointer, message);
    };
    FieldProblems byPlace;
    QStringList lines;
    for (const QJsonValue entry : problems) {
        const QString pointer = entry["pointer"_L1].toString();
        const QString message = entry["message"_L1].toString();
        byPlace[pointer].append(message);
        lines.append(sentence(pointer, message));
    }
    if (m_form && isForm()) {
        // The form shows what is at its fields; what it has no field for stays below it.
        m_form->showProblems({}, byPlace);
        lines.clear();
        for (auto it = byPlace.begin(); it != byPlace.end(); ++it) {
            for (const QString &message : it.value())
                lines.append(sentence(it.key(), message));
        }
    }
    tell(lines);
}

void InputEditor::tell(const QStringList &problems)
{
    QStringList shown = problems.mid(0, shownProblems);
    if (problems.size() > shown.size())
        shown.append(tr("and %1 more").arg(problems.size() - shown.size()));
    m_problems->setText(shown.join(u'\n'));
    m_problems->setVisible(!shown.isEmpty());
}

void InputEditor::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_json->applyTheme(theme);
    if (m_form)
        m_form->applyTheme(theme);
}

} // namespace skillbox
