export { leadTo, placeOf } from "./FormField";
export { type Layout, layoutOf, type Values } from "./layout";
export { TaskForm, type TaskFormProps } from "./TaskForm";
