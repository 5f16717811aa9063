export { kindOf, NO_QUERY, type Query, readQuery, writeQuery } from "./address";
export { operatorName, operatorsOf } from "./operators";
export * from "./tree";
