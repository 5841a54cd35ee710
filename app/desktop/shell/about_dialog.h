#pragma once

#include <QDialog>

namespace skillbox {

/// What this is, in which version, under which licence, and what it stands on.
class AboutDialog : public QDialog
{
    Q_OBJECT

public:
    explicit AboutDialog(QWidget *parent = nullptr);
};

/// A library that Skillbox stands on.
struct Component {
    QString name;
    QString version; ///< empty: not known
    QString licence;
    QString purpose;
};
QList<Component> usedComponents();

} // namespace skillbox
