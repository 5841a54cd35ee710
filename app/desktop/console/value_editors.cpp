#include "app/desktop/console/value_editors.h"

#include <QCalendarWidget>
#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWidgetAction>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int leastAreaLines = 1;
constexpr int mostAreaLines = 12;
/// Objects within objects up to here; deeper ones as JSON.
constexpr int mostFormDepth = 8;

QString usualText(const FieldShape &shape)
{
    if (!shape.usual)
        return {};
    return shape.usual->kind() == JsonNode::Kind::String
        ? shape.usual->text()
        : QString::fromUtf8(shape.usual->compact());
}

QString placeholderOf(const FieldShape &shape)
{
    const QString usual = usualText(shape);
    if (!usual.isEmpty())
        return ValueEditor::tr("default: %1").arg(usual.left(80));
    if (!shape.examples.empty())
        return ValueEditor::tr("such as %1").arg(shape.examples.front().text().left(80));
    if (shape.format == "date"_L1)
        return u"2026-12-31"_s;
    if (shape.format == "date-time"_L1)
        return u"2026-12-31T23:59:00Z"_s;
    if (shape.format == "time"_L1)
        return u"23:59:00Z"_s;
    if (shape.format == "uri"_L1 || shape.format == "uri-reference"_L1)
        return u"https://…"_s;
    if (shape.format == "email"_L1)
        return u"name@example.com"_s;
    if (shape.format == "uuid"_L1)
        return u"00000000-0000-0000-0000-000000000000"_s;
    return {};
}

QHBoxLayout *lineLayout(QWidget *editor)
{
    auto *row = new QHBoxLayout(editor);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    return row;
}

} // namespace

std::unique_ptr<ValueEditor> makeEditor(const FormContext &context, const JsonNode *,
                                        const FieldShape &shape, int depth)
{
    using Kind = FieldShape::Kind;
    if (depth > mostFormDepth)
        return std::make_unique<RawEditor>();
    switch (shape.kind) {
    case Kind::Text:
        if (shape.multiLine)
            return std::make_unique<TextAreaEditor>(shape);
        return std::make_unique<LineEditor>(shape);
    case Kind::Integer:
    case Kind::Number: return std::make_unique<NumberEditor>(shape);
    case Kind::Boolean:
        return std::make_unique<ChoiceEditor>(
            shape, std::vector<JsonNode>{JsonNode::boolean(true), JsonNode::boolean(false)});
    case Kind::Choice: return std::make_unique<ChoiceEditor>(shape, shape.choices);
    case Kind::Object: return std::make_unique<ObjectEditor>(context, shape, depth);
    case Kind::Array: return std::make_unique<ArrayEditor>(context, shape, depth);
    case Kind::Variants: return std::make_unique<VariantsEditor>(context, shape, depth);
    case Kind::Raw: break;
    }
    return std::make_unique<RawEditor>();
}

LineEditor::LineEditor(const FieldShape &shape) : m_field(new QLineEdit), m_format(shape.format)
{
    QHBoxLayout *row = lineLayout(this);
    row->addWidget(m_field, 1);
    m_field->setPlaceholderText(placeholderOf(shape));
    setFocusProxy(m_field);
    connect(m_field, &QLineEdit::textEdited, this, [this] {
        m_present = true;
        Q_EMIT edited();
    });
    if (m_format == "date"_L1 || m_format == "date-time"_L1) {
        m_tool = new QToolButton;
        m_tool->setText(m_format == "date"_L1 ? tr("Choose") : tr("Now"));
        m_tool->setToolTip(m_format == "date"_L1 ? tr("Choose a day") : tr("Take the time now"));
        m_tool->setFocusPolicy(Qt::TabFocus);
        row->addWidget(m_tool);
        connect(m_tool, &QToolButton::clicked, this, &LineEditor::pickDate);
    }
}

void LineEditor::pickDate()
{
    const auto take = [this](const QString &text) {
        m_field->setText(text);
        m_present = true;
        Q_EMIT edited();
    };
    if (m_format != "date"_L1) {
        take(QDateTime::currentDateTimeUtc().toString(Qt::ISODate));
        return;
    }
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    auto *calendar = new QCalendarWidget;
    const QDate current = QDate::fromString(m_field->text(), Qt::ISODate);
    if (current.isValid())
        calendar->setSelectedDate(current);
    auto *action = new QWidgetAction(menu);
    action->setDefaultWidget(calendar);
    menu->addAction(action);
    connect(calendar, &QCalendarWidget::activated, menu, [menu, take](QDate day) {
        take(day.toString(Qt::ISODate));
        menu->close();
    });
    connect(calendar, &QCalendarWidget::clicked, menu, [menu, take](QDate day) {
        take(day.toString(Qt::ISODate));
        menu->close();
    });
    menu->popup(m_tool->mapToGlobal(QPoint(0, m_tool->height())));
}

bool LineEditor::accepts(const JsonNode &value) const
{
    return value.kind() == JsonNode::Kind::String && !value.text().contains(u'\n')
        && !value.text().contains(u'\r') && !value.text().contains(QChar(0));
}

void LineEditor::setValue(const JsonNode &value)
{
    m_field->setText(value.text());
    m_present = true;
}

std::optional<JsonNode> LineEditor::value() const
{
    return m_present ? std::optional(JsonNode::string(m_field->text())) : std::nullopt;
}

void LineEditor::setAbsent()
{
    m_field->clear();
    m_present = false;
}

NumberEditor::NumberEditor(const FieldShape &shape) : m_field(new QLineEdit)
{
    lineLayout(this)->addWidget(m_field, 1);
    m_field->setPlaceholderText(placeholderOf(shape));
    m_field->setToolTip(tr("Up and Down change it by one"));
    m_field->installEventFilter(this);
    setFocusProxy(m_field);
    connect(m_field, &QLineEdit::textEdited, this, &ValueEditor::edited);
}

bool NumberEditor::accepts(const JsonNode &value) const
{
    return value.kind() == JsonNode::Kind::Number
        || (value.kind() == JsonNode::Kind::String && !value.text().isEmpty()
            && value.text() == value.text().trimmed() && !JsonNode::isNumber(value.text())
            && !value.text().contains(u'\n'));
}

void NumberEditor::setValue(const JsonNode &value)
{
    m_field->setText(value.text());
}

std::optional<JsonNode> NumberEditor::value() const
{
    const QString text = m_field->text().trimmed();
    if (text.isEmpty())
        return std::nullopt;
    return JsonNode::isNumber(text) ? JsonNode::number(text) : JsonNode::string(text);
}

void NumberEditor::setAbsent()
{
    m_field->clear();
}

bool NumberEditor::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        const int step = key == Qt::Key_Up ? 1 : key == Qt::Key_Down ? -1 : 0;
        bool isInteger = false;
        const qlonglong number = m_field->text().isEmpty() ? (isInteger = true, 0)
                                                           : m_field->text().toLongLong(&isInteger);
        if (step != 0 && isInteger && qAbs(number) < (1LL << 53)) {
            m_field->setText(QString::number(number + step));
            Q_EMIT edited();
            return true;
        }
    }
    return ValueEditor::eventFilter(watched, event);
}

TextAreaEditor::TextAreaEditor(const FieldShape &shape) : m_field(new QPlainTextEdit)
{
    lineLayout(this)->addWidget(m_field, 1);
    m_field->setPlaceholderText(placeholderOf(shape));
    m_field->setTabChangesFocus(true);
    m_field->document()->setDocumentMargin(6);
    setFocusProxy(m_field);
    connect(m_field, &QPlainTextEdit::textChanged, this, [this] {
        grow();
        if (m_field->document()->isModified()) {
            m_present = true;
            Q_EMIT edited();
        }
    });
    grow();
}

void TextAreaEditor::grow()
{
    const int lines = qBound(leastAreaLines, m_field->blockCount(), mostAreaLines);
    const QFontMetrics metrics(m_field->font());
    m_field->setFixedHeight(lines * metrics.lineSpacing() + 16);
}

bool TextAreaEditor::accepts(const JsonNode &value) const
{
    // A text document makes line feeds of these and forgets which they were.
    return value.kind() == JsonNode::Kind::String && !value.text().contains(u'\r')
        && !value.text().contains(QChar(0)) && !value.text().contains(QChar::ParagraphSeparator)
        && !value.text().contains(QChar::LineSeparator) && !value.text().contains(QChar::Nbsp)
        && value.text().size() < (1 << 20);
}

void TextAreaEditor::setValue(const JsonNode &value)
{
    m_field->setPlainText(value.text());
    m_present = true;
}

std::optional<JsonNode> TextAreaEditor::value() const
{
    return m_present ? std::optional(JsonNode::string(m_field->toPlainText())) : std::nullopt;
}

void TextAreaEditor::setAbsent()
{
    m_field->setPlainText({});
    m_present = false;
}

ChoiceEditor::ChoiceEditor(const FieldShape &shape, std::vector<JsonNode> choices)
    : m_box(new QComboBox)
    , m_choices(std::move(choices))
{
    lineLayout(this)->addWidget(m_box, 1);
    const QString usual = usualText(shape);
    m_box->addItem(usual.isEmpty() ? tr("not set") : tr("default: %1").arg(usual.left(80)));
    for (const JsonNode &choice : m_choices) {
        const bool isText = choice.kind() == JsonNode::Kind::String && !choice.text().isEmpty();
        m_box->addItem((isText ? choice.text() : QString::fromUtf8(choice.compact())).left(200));
    }
    setFocusProxy(m_box);
    m_box->setFocusPolicy(Qt::StrongFocus);
    m_box->installEventFilter(this);
    connect(m_box, &QComboBox::activated, this, &ValueEditor::edited);
}

bool ChoiceEditor::eventFilter(QObject *watched, QEvent *event)
{
    // Who scrolls the form over it does not mean to choose.
    if (watched == m_box && event->type() == QEvent::Wheel && !m_box->hasFocus()) {
        event->ignore();
        return true;
    }
    return ValueEditor::eventFilter(watched, event);
}

bool ChoiceEditor::accepts(const JsonNode &value) const
{
    return std::find(m_choices.begin(), m_choices.end(), value) != m_choices.end();
}

void ChoiceEditor::setValue(const JsonNode &value)
{
    const auto at = std::find(m_choices.begin(), m_choices.end(), value);
    m_box->setCurrentIndex(at == m_choices.end() ? 0
                                                 : static_cast<int>(at - m_choices.begin()) + 1);
}

std::optional<JsonNode> ChoiceEditor::value() const
{
    const int chosen = m_box->currentIndex();
    return chosen <= 0 ? std::nullopt : std::optional(m_choices[static_cast<size_t>(chosen) - 1]);
}

void ChoiceEditor::setAbsent()
{
    m_box->setCurrentIndex(0);
}

RawEditor::RawEditor() : m_field(new QPlainTextEdit)
{
    lineLayout(this)->addWidget(m_field, 1);
    m_field->setPlaceholderText(tr("any JSON"));
    m_field->setTabChangesFocus(true);
    m_field->setFixedHeight(5 * QFontMetrics(m_field->font()).lineSpacing() + 20);
    setFocusProxy(m_field);
    connect(m_field, &QPlainTextEdit::textChanged, this, [this] {
        if (m_field->document()->isModified())
            Q_EMIT edited();
    });
}

void RawEditor::setValue(const JsonNode &value)
{
    m_field->setPlainText(value.pretty());
}

std::optional<JsonNode> RawEditor::value() const
{
    const auto parsed = JsonNode::parse(m_field->toPlainText().toUtf8());
    return parsed ? std::optional(*parsed) : std::nullopt;
}

void RawEditor::setAbsent()
{
    m_field->setPlainText({});
}

void RawEditor::applyTheme(const Theme &theme)
{
    m_field->setFont(theme.codeFont());
}

QString RawEditor::complaint() const
{
    const QByteArray text = m_field->toPlainText().toUtf8();
    if (text.trimmed().isEmpty())
        return {};
    const auto parsed = JsonText::parse(text);
    return parsed ? QString() : parsed.error().message;
}

} // namespace skillbox
