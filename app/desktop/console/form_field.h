#pragma once

#include "app/desktop/console/schema_shape.h"
#include "app/desktop/theme/theme.h"

#include <QMap>
#include <QWidget>

#include <functional>
#include <memory>

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace skillbox {

/// What the check says, by JSON pointer.
using FieldProblems = QMap<QString, QStringList>;

/// What all parts of one form share.
struct FormContext {
    std::shared_ptr<const FormSchema> schema;
    Theme theme;
    std::function<void()> edited;
};

/// Edits one value. GUI thread.
class ValueEditor : public QWidget
{
    Q_OBJECT

public:
    explicit ValueEditor(QWidget *parent = nullptr) : QWidget(parent) { }
    /// Whether it can show this value without losing any of it.
    virtual bool accepts(const JsonNode &value) const = 0;
    virtual void setValue(const JsonNode &value) = 0;
    /// Nothing: it is left out, or what was typed is no value yet (see complaint()).
    virtual std::optional<JsonNode> value() const = 0;
    /// Leaves it out.
    virtual void setAbsent() = 0;
    /// Why there is no value although something was typed; empty: all is well.
    virtual QString complaint() const { return {}; }
    /// Shows what is said about places below `pointer`; those about the value itself are shown by
    /// the field around it. Takes out what it has shown.
    virtual void showProblems(const QString &, FieldProblems &) { }
    virtual void applyTheme(const Theme &) { }

Q_SIGNALS:
    /// By the person, not by setValue().
    void edited();
};

/// An editor for a value of this schema. `depth` bounds forms of schemas that contain themselves.
std::unique_ptr<ValueEditor> makeEditor(const FormContext &context, const JsonNode *schema,
                                        const FieldShape &shape, int depth);

/// A value with its name, description, whether it is there at all, and what is wrong with it. A
/// value that the editor for its schema cannot show is edited as JSON text instead.
class FormField : public QWidget
{
    Q_OBJECT

public:
    enum class Presence { Optional, Required, Always };
    FormField(const FormContext &context, const QString &name, const JsonNode *schema,
              Presence presence, int depth, QWidget *parent = nullptr);
    ~FormField() override;

    const QString &name() const { return m_name; }
    void setValue(const JsonNode &value);
    void setAbsent();
    bool isPresent() const;
    std::optional<JsonNode> value() const;
    QString complaint() const;
    void showProblems(const QString &pointer, FieldProblems &problems);
    void applyTheme(const Theme &theme);
    /// A control of its own in the line of the name: an item's buttons.
    void addTool(QWidget *tool);
    void setTitle(const QString &title);

Q_SIGNALS:
    void edited();

private:
    void useEditor(std::unique_ptr<ValueEditor> editor);
    void makePresent();
    void tellPresence();

    FormContext m_context;
    QString m_name;
    const JsonNode *m_schema;
    FieldShape m_shape;
    Presence m_presence;
    int m_depth;
    bool m_isLazy = false; ///< objects and lists come into being with their value
    QVBoxLayout *m_column;
    QWidget *m_head;
    QLabel *m_title;
    QLabel *m_mark;
    QLabel *m_description;
    QLabel *m_note;
    QLabel *m_problem;
    QToolButton *m_clear;
    QToolButton *m_add;
    ValueEditor *m_editor = nullptr;
};

} // namespace skillbox
